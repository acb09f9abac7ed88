using System.Buffers.Binary;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Broker.Tests.Allocations;

/// <summary>
/// A message of QoS 0 or 1 from one client to another allocates nothing, whether they share a loop or not, and neither does one that is lost.
/// </summary>
public sealed class MessagePathTests
{
    [Theory]
    [InlineData(QoS.AtMostOnce, 1)]
    [InlineData(QoS.AtLeastOnce, 1)]
    [InlineData(QoS.AtMostOnce, 3)]
    [InlineData(QoS.AtLeastOnce, 3)]
    public void PUBLISH_HundredThousandMessages_AllocateNothing(QoS qos, int loops)
    {
        var shards = new TestShards(loops);
        shards.Loops.RunUntilIdle();
        EventLoop loop = shards.Loops.Loops[0];
        var publisher = new Peer();
        Peer[] subscribers = [.. Enumerable.Range(0, 5).Select(_ => new Peer())]; // five ids: with three loops, on several of them
        shards.Broker.ConnectInProcess(loop, publisher);
        foreach (Peer subscriber in subscribers) shards.Broker.ConnectInProcess(loop, subscriber);
        shards.Loops.RunUntilIdle();
        publisher.Connect("publisher");
        for (int i = 0; i < subscribers.Length; i++)
        {
            subscribers[i].Connect($"subscriber{i}");
            subscribers[i].Subscribe("a/b", qos);
        }
        shards.Loops.RunUntilIdle();

        const int batch = 16;
        byte[] packets = Batch(qos, batch);
        for (int i = 0; i < 2000; i++) Round(shards, publisher, packets); // pools, caches and the compiler warm up
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100_000 / batch; i++) Round(shards, publisher, packets);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.All(subscribers, s => Assert.Equal((2000 + 100_000 / batch) * batch, s.Publishes));
        Assert.True(allocated < 100_000, $"{allocated} bytes for 100,000 messages"); // not one byte a message
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void PUBLISH_HundredThousandThatAreLost_AllocateNothing(int loops)
    {
        var shards = new TestShards(loops);
        EventLoop loop = shards.Loops.Loops[0];
        Peer publisher = new(), away = new(), slow = new();
        foreach (Peer peer in new[] { publisher, away, slow }) shards.Broker.ConnectInProcess(loop, peer);
        shards.Loops.RunUntilIdle();
        publisher.Connect("publisher");
        away.Connect("away", cleanStart: false);
        slow.Connect("slow");
        away.Subscribe("a/b", QoS.AtMostOnce);
        slow.Subscribe("a/b", QoS.AtMostOnce);
        shards.Loops.RunUntilIdle();
        away.Connection.Close();
        slow.Connection.PauseReading();

        const int batch = 16;
        byte[] packets = Batch(QoS.AtMostOnce, batch);
        for (int i = 0; i < 2000; i++) Round(shards, publisher, packets); // until nothing more goes into the output of the slow one
        long lost = shards.Broker.Statistics.Undelivered;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50_000 / batch; i++) Round(shards, publisher, packets);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(100_000, shards.Broker.Statistics.Undelivered - lost);
        Assert.True(allocated < 100_000, $"{allocated} bytes for 100,000 lost messages");
    }

    private static void Round(TestShards shards, Peer publisher, byte[] packets)
    {
        publisher.Connection.Write(packets);
        shards.Loops.RunUntilIdle();
    }

    private static byte[] Batch(QoS qos, int count)
    {
        var bytes = new List<byte>();
        for (ushort id = 1; id <= count; id++)
        {
            var publish = new PublishPacket { Topic = "a/b"u8, Payload = new byte[64], QoS = qos, PacketId = qos == QoS.AtMostOnce ? (ushort)0 : id };
            byte[] packet = new byte[publish.Length(ProtocolVersion.V311)];
            publish.Write(packet, ProtocolVersion.V311);
            bytes.AddRange(packet);
        }
        return [.. bytes];
    }

    /// <summary>A client that acknowledges and counts, and does nothing else.</summary>
    private sealed class Peer : IConnectionHandler
    {
        public TransportConnection Connection { get; private set; } = null!;

        public int Publishes { get; private set; }

        public void Connect(string id, bool cleanStart = true)
        {
            var connect = new ConnectPacket { Version = ProtocolVersion.V311, CleanStart = cleanStart, ClientId = TestShards.Utf8(id) };
            byte[] packet = new byte[connect.Length];
            connect.Write(packet);
            Connection.Write(packet);
        }

        public void Subscribe(string filter, QoS qos)
        {
            byte[] list = new byte[64];
            int length = SubscriptionList.Write(list, TestShards.Utf8(filter), new SubscriptionOptions(qos));
            var subscribe = new SubscribePacket { PacketId = 1, Subscriptions = new SubscriptionList(list.AsSpan(0, length)) };
            byte[] packet = new byte[subscribe.Length(ProtocolVersion.V311)];
            subscribe.Write(packet, ProtocolVersion.V311);
            Connection.Write(packet);
        }

        public void OnOpened(TransportConnection connection) => Connection = connection;

        public int OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
        {
            int consumed = 0;
            while (PacketFrame.Read(input[consumed..], ProtocolVersion.V311, int.MaxValue, out PacketFrame frame, out _) == FrameStatus.Complete)
            {
                ReadOnlySpan<byte> packet = input.Slice(consumed, frame.Length);
                consumed += frame.Length;
                if (frame.Type != PacketType.Publish) continue;
                Publishes++;
                PublishPacket.TryRead(frame, packet, ProtocolVersion.V311, out PublishPacket publish, out _);
                if (publish.QoS != QoS.AtLeastOnce) continue;
                Span<byte> ack = connection.GetOutput(4);
                ack[0] = 0x40;
                ack[1] = 2;
                BinaryPrimitives.WriteUInt16BigEndian(ack[2..], publish.PacketId);
                connection.Advance(4);
            }
            return consumed;
        }

        public void OnOutputDrained(TransportConnection connection)
        {
        }

        public void OnMoved(TransportConnection connection)
        {
        }

        public void OnClosed(TransportConnection connection, CloseReason reason, Exception? error)
        {
        }
    }
}
