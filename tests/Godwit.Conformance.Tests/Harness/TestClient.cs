// A peer of the broker that does only what the test says: it sends bytes and keeps what comes. Each call follows its effects to their
// end, in the whole broker, before it returns.
using Godwit.Transport;

namespace Godwit.Conformance.Tests.Harness;

internal sealed class TestClient(TestBroker broker, ProtocolVersion version) : IConnectionHandler
{
    private readonly List<byte> _received = [];
    private TransportConnection? _transport;

    public ProtocolVersion Version => version;

    /// <summary>Everything received that no expectation has taken yet.</summary>
    public byte[] Received => [.. _received];

    /// <summary>Whether the connection is over.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Sends bytes written as <see cref="Hex.Bytes"/> reads them.</summary>
    public void Send(string hex) => Send(Hex.Bytes(hex));

    /// <summary>Sends bytes, in one write.</summary>
    public void Send(params byte[][] packets)
    {
        Write(packets);
        broker.Run();
    }

    public void Publish(
        string topic, string payload, QoS qos = QoS.AtMostOnce, ushort packetId = 0, bool retain = false, bool dup = false, string properties = "") =>
        Send(Packets.Publish(version, topic, Packets.Utf8(payload), qos, packetId, retain, dup, properties));

    /// <summary>Subscribes and takes the SUBACK, which must grant what was asked; what follows it, retained messages for example, is left.</summary>
    public void Subscribe(string filter, QoS qos = QoS.AtMostOnce, ushort packetId = 1, string properties = "", byte options = 0)
    {
        Send(Packets.Subscribe(version, packetId, [(filter, (byte)(options | (byte)qos))], properties));
        string body = version == ProtocolVersion.V5 ? $"00 {(byte)qos:X2}" : $"{(byte)qos:X2}";
        TakeFirst($"SUBACK m{packetId} {body}");
    }

    /// <summary>Unsubscribes and takes the UNSUBACK.</summary>
    public void Unsubscribe(string filter, ushort packetId = 1)
    {
        Send(Packets.Unsubscribe(version, packetId, filter));
        TakeFirst($"UNSUBACK m{packetId}{(version == ProtocolVersion.V5 ? " 00 00" : "")}");
    }

    public void Puback(ushort packetId) => Send(Packets.Ack(PacketType.Puback, packetId));

    public void Pubrec(ushort packetId) => Send(Packets.Ack(PacketType.Pubrec, packetId));

    public void Pubrel(ushort packetId) => Send(Packets.Ack(PacketType.Pubrel, packetId));

    public void Pubcomp(ushort packetId) => Send(Packets.Ack(PacketType.Pubcomp, packetId));

    /// <summary>Sends DISCONNECT; the broker closes.</summary>
    public void Disconnect()
    {
        Send(Packets.Disconnect);
        ExpectClosed();
    }

    /// <summary>As <see cref="Send(byte[][])"/>, but what follows from it happens only with the next call: several clients act at once.</summary>
    public void Write(params byte[][] packets) => _transport!.Write(packets.SelectMany(bytes => bytes).ToArray());

    /// <summary>Closes the connection in order, without DISCONNECT.</summary>
    public void Close()
    {
        _transport!.Close();
        broker.Run();
    }

    /// <summary>Breaks the connection as a failing network does.</summary>
    public void Reset()
    {
        MemoryConnection.Reset(_transport!);
        broker.Run();
    }

    /// <summary>Reads nothing until <see cref="ResumeReading"/>: a slow client.</summary>
    public void PauseReading() => _transport!.PauseReading();

    public void ResumeReading()
    {
        _transport!.ResumeReading();
        broker.Run();
    }

    /// <summary>Exactly these bytes have come, and nothing else.</summary>
    public void Expect(string hex)
    {
        string received = Hex.Text(Received);
        _received.Clear();
        Assert.Equal(Hex.Text(Hex.Bytes(hex)), received);
    }

    /// <summary>Exactly these packets have come, written as <see cref="PacketText"/> does.</summary>
    public void ExpectPackets(params string[] packets) => Assert.Equal(packets, Take());

    public void ExpectNothing() => ExpectPackets();

    /// <summary>The broker has closed the connection, and has sent nothing before that but this.</summary>
    public void ExpectClosed(string hex = "")
    {
        Expect(hex);
        Assert.True(IsClosed, "The broker has not closed the connection.");
    }

    /// <summary>The connection is open and nothing has come.</summary>
    public void ExpectOpen()
    {
        ExpectNothing();
        Assert.False(IsClosed, "The connection is closed.");
    }

    /// <summary>Takes the packets received so far.</summary>
    public List<string> Take()
    {
        List<string> packets = PacketText.Read(Received, version, out int consumed);
        _received.RemoveRange(0, consumed);
        Assert.True(_received.Count == 0, $"The last packet is incomplete: {Hex.Text(Received)}");
        return packets;
    }

    /// <summary>Takes the payloads of the PUBLISH packets received so far, which must all be of one topic.</summary>
    public List<byte[]> TakePayloads(string topic)
    {
        List<byte[]> payloads = [];
        ReadOnlySpan<byte> rest = Received;
        for (; PacketFrame.Read(rest, version, int.MaxValue, out PacketFrame frame, out _) == FrameStatus.Complete; rest = rest[frame.Length..])
        {
            Assert.True(PublishPacket.TryRead(frame, rest[..frame.Length], version, out PublishPacket publish, out _));
            if (!publish.Topic.IsEmpty) Assert.Equal(topic, System.Text.Encoding.UTF8.GetString(publish.Topic));
            payloads.Add(publish.Payload.ToArray());
        }
        _received.Clear();
        return payloads;
    }

    void IConnectionHandler.OnOpened(TransportConnection connection)
    {
        _transport = connection;
        connection.OutputLimit = int.MaxValue;
    }

    int IConnectionHandler.OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
    {
        _received.AddRange(input);
        return input.Length;
    }

    void IConnectionHandler.OnOutputDrained(TransportConnection connection)
    {
    }

    void IConnectionHandler.OnMoved(TransportConnection connection)
    {
    }

    void IConnectionHandler.OnClosed(TransportConnection connection, CloseReason reason, Exception? error) => IsClosed = true;

    /// <summary>Takes the first packet received, which must be this one; what follows it is left.</summary>
    public void TakeFirst(string packet)
    {
        PacketFrame.Read(Received, version, int.MaxValue, out PacketFrame frame, out _);
        byte[] first = Received[..frame.Length];
        _received.RemoveRange(0, frame.Length);
        Assert.Equal([packet], PacketText.Read(first, version, out _));
    }
}
