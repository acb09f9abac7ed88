using System.Buffers.Binary;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Broker.Tests.Allocations;

/// <summary>
/// A message of QoS 0 or 1 from one client to another allocates nothing, whether they share a loop or not, and however large it is; neither
/// does one that is lost.
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
        long allocated = Allocated(qos, loops, payload: 64, batch: 16, warmUp: 2000, rounds: 100_000 / 16);
        Assert.True(allocated < 100_000, $"{allocated} bytes for 100,000 messages"); // not one byte a message
    }

    // Each has a receive buffer of its own; with three loops it is released on another one.
    [Theory]
    [InlineData(QoS.AtMostOnce, 1, 262_144)]
    [InlineData(QoS.AtLeastOnce, 1, 262_144)]
    [InlineData(QoS.AtMostOnce, 3, 262_144)]
    [InlineData(QoS.AtLeastOnce, 3, 262_144)]
    [InlineData(QoS.AtLeastOnce, 3, 65_400)]
    [InlineData(QoS.AtLeastOnce, 3, 40_000)]
    public void PUBLISH_LargePayload_AllocatesNothing(QoS qos, int loops, int payload)
    {
        const int rounds = 200;
        long allocated = Allocated(qos, loops, payload, batch: 2, warmUp: 50, rounds);
        Assert.True(allocated < payload, $"{allocated} bytes for {2 * rounds} messages of {payload} bytes");
    }

    private static long Allocated(QoS qos, int loops, int payload, int batch, int warmUp, int rounds)
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

        byte[] packets = Batch(qos, batch, payload);
        for (int i = 0; i < warmUp; i++) Round(shards, publisher, packets); // pools, caches and the compiler warm up
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < rounds; i++) Round(shards, publisher, packets);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.All(subscribers, s => Assert.Equal((warmUp + rounds) * batch, s.Publishes));
        return allocated;
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
        byte[] packets = Batch(QoS.AtMostOnce, batch, 64);
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
        publisher.Connection.WriteReference(packets);
        shards.Loops.RunUntilIdle();
    }

    private static byte[] Batch(QoS qos, int count, int payload)
    {
        var bytes = new List<byte>();
        for (ushort id = 1; id <= count; id++)
        {
            var publish = new PublishPacket { Topic = "a/b"u8, Payload = new byte[payload], QoS = qos, PacketId = qos == QoS.AtMostOnce ? (ushort)0 : id };
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
            while (true)
            {
                FrameStatus status = PacketFrame.Read(input[consumed..], ProtocolVersion.V311, int.MaxValue, out PacketFrame frame, out _);
                if (status == FrameStatus.NeedMore && frame.HeaderLength > 0) connection.RequireInput(frame.Length);
                if (status != FrameStatus.Complete) break;
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
