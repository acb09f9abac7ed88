using System.Net;
using System.Text;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Tests.Mqtt;

/// <summary>A packet as it was observed, kept.</summary>
internal sealed record RecordedPacket(
    long Number, Side Side, bool IsFromClient, PacketType Type, byte[] Bytes, bool IsWhole, ProtocolVersion Version, Violation? Violation, string Topic, Arrival First, Arrival Last);

/// <summary>Writes down what is observed, one line each.</summary>
internal sealed class PacketRecorder : IPacketObserver
{
    public List<RecordedPacket> Packets { get; } = [];

    public List<string> Events { get; } = [];

    public long Skipped { get; private set; }

    public ObservedConnection? Connection { get; private set; }

    public void OnOpened(ObservedConnection connection, Arrival at)
    {
        Connection = connection;
        Events.Add($"opened {connection.Number}");
    }

    public void OnPacket(in ObservedPacket packet) => Packets.Add(new RecordedPacket(packet.Number, packet.Side, packet.IsFromClient, packet.Type, packet.Bytes.ToArray(),
        packet.IsWhole, packet.Version, packet.Violation, Encoding.UTF8.GetString(packet.Topic), packet.First, packet.Last));

    public void OnSkipped(ObservedConnection connection, Side from, long count, UnreadReason reason, Arrival at)
    {
        Skipped += count;
        Events.Add($"skipped {from} {count} {reason}");
    }

    public void OnEnd(ObservedConnection connection, Side from, StreamEnd end, Arrival at) => Events.Add($"end {from} {end}");

    public void OnForeign(StreamConnection connection, ContentKind kind, ReadOnlySpan<byte> beginning, Side from, Arrival at) => Events.Add($"foreign {kind}");
}

/// <summary>A connection whose bytes a test gives, a frame each.</summary>
internal sealed class TestStream
{
    private readonly IStreamConsumer _consumer;
    private long _frame;

    public TestStream(IStreamConsumerFactory streams, bool isFromBeginning = true, int number = 1, int port = 1883, IPAddress? server = null, KnownMqtt? known = null)
    {
        Stream = new StreamConnection(number, new IPEndPoint(IPAddress.Loopback, 40_000 + number), new IPEndPoint(server ?? IPAddress.Loopback, port), new Arrival(1, 0))
        {
            IsFromBeginning = isFromBeginning,
            Known = known,
        };
        _consumer = streams.Open(Stream);
    }

    public StreamConnection Stream { get; }

    /// <summary>Nanoseconds; each frame comes a millisecond after the one before.</summary>
    public long Now { get; set; }

    public TestStream Client(params ReadOnlySpan<byte> bytes) => Send(Side.Initiator, bytes);

    public TestStream Server(params ReadOnlySpan<byte> bytes) => Send(Side.Responder, bytes);

    public TestStream Client(string hex) => Client(Testing.Hex.Bytes(hex));

    public TestStream Server(string hex) => Server(Testing.Hex.Bytes(hex));

    public TestStream Send(Side side, ReadOnlySpan<byte> bytes)
    {
        _consumer.OnBytes(side, bytes, Next());
        return this;
    }

    public TestStream Gap(Side side, long count)
    {
        _consumer.OnGap(side, count, Next());
        return this;
    }

    public TestStream End(Side side, StreamEnd end = StreamEnd.Closed)
    {
        _consumer.OnEnd(side, end, Next());
        return this;
    }

    /// <summary>Time passes.</summary>
    public TestStream After(double seconds)
    {
        Now += (long)(seconds * 1e9);
        return this;
    }

    private Arrival Next()
    {
        Now += 1_000_000;
        return new Arrival(++_frame, Now);
    }
}
