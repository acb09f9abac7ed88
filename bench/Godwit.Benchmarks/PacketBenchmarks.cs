using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using Godwit.Protocol;
using Godwit.Vectors;

namespace Godwit.Benchmarks;

/// <summary>Each packet of MQTT 3.1.1 and 5.0, read and written. The packets are golden vectors, so what is measured is known to be right.</summary>
[MemoryDiagnoser]
public class PacketBenchmarks
{
    private readonly byte[] _buffer = new byte[1024];
    private byte[] _packet = [];
    private ProtocolVersion _version;

    /// <summary>The golden vectors that are measured: one of each packet and version, and those with every property there is.</summary>
    public static IEnumerable<string> Vectors =>
    [
        "connect-311-full", "connect-5-minimal", "connect-5-all-properties", "connack-311-accepted", "connack-5-accepted",
        "publish-311-qos-0", "publish-311-remaining-length-64", "publish-5-qos-0", "publish-5-all-properties",
        "puback-311", "puback-5", "puback-5-properties", "pubrec-311", "pubrec-5", "pubrel-311", "pubrel-5", "pubcomp-311", "pubcomp-5",
        "subscribe-311-two-filters", "subscribe-5-two-filters", "suback-311", "suback-5",
        "unsubscribe-311-two-filters", "unsubscribe-5-two-filters", "unsuback-311", "unsuback-5",
        "pingreq-311", "pingresp-5", "disconnect-311", "disconnect-5", "disconnect-5-all-properties", "auth-5-all-properties",
    ];

    /// <summary>One of them.</summary>
    [ParamsSource(nameof(Vectors))]
    public string Packet { get; set; } = "";

    /// <summary>Looks it up.</summary>
    [GlobalSetup]
    public void Setup()
    {
        GoldenVector vector = GoldenVectors.Named(Packet);
        (_packet, _version) = (vector.Bytes, vector.Version);
        if (!_buffer.AsSpan(0, ReadAndWrite()).SequenceEqual(_packet)) throw new InvalidOperationException($"{Packet} is not written as it was read");
    }

    /// <summary>Frame, fields, checks.</summary>
    [Benchmark]
    public bool Read() => Pass([]) >= 0;

    /// <summary>The same, and all fields written again.</summary>
    [Benchmark]
    public int ReadAndWrite() => Pass(_buffer);

    /// <summary>Reads the packet, and writes it unless there is nowhere to; gives the bytes written, and -1 if it could not be read.</summary>
    private int Pass(Span<byte> to)
    {
        PacketFrame.Read(_packet, _version, 1024, out PacketFrame frame, out _);
        return frame.Type switch
        {
            PacketType.Connect => Connect(frame, to),
            PacketType.Connack => Connack(frame, to),
            PacketType.Publish => Publish(frame, to),
            PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp => PublishAck(frame, to),
            PacketType.Subscribe => Subscribe(frame, to),
            PacketType.Suback or PacketType.Unsuback => Suback(frame, to),
            PacketType.Unsubscribe => Unsubscribe(frame, to),
            PacketType.Disconnect => Disconnect(frame, to),
            PacketType.Auth => Auth(frame, to),
            _ => Ping(frame, to),
        };
    }

    // Not inlined: a method with all packets among its locals would clear all of them for each.

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Connect(in PacketFrame frame, Span<byte> to) =>
        !ConnectPacket.TryRead(frame, _packet, out ConnectPacket packet, out _) ? -1 : to.IsEmpty ? 0 : packet.Write(to);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Connack(in PacketFrame frame, Span<byte> to) =>
        !ConnackPacket.TryRead(frame, _packet, _version, out ConnackPacket packet, out _) ? -1 : to.IsEmpty ? 0 : packet.Write(to, _version);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Publish(in PacketFrame frame, Span<byte> to) =>
        !PublishPacket.TryRead(frame, _packet, _version, out PublishPacket packet, out _) ? -1 : to.IsEmpty ? 0 : packet.Write(to, _version);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int PublishAck(in PacketFrame frame, Span<byte> to) =>
        !PublishAckPacket.TryRead(frame, _packet, _version, out PublishAckPacket packet, out _) ? -1 : to.IsEmpty ? 0 : packet.Write(to, _version);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Subscribe(in PacketFrame frame, Span<byte> to) =>
        !SubscribePacket.TryRead(frame, _packet, _version, out SubscribePacket packet, out _) ? -1 : to.IsEmpty ? 0 : packet.Write(to, _version);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Suback(in PacketFrame frame, Span<byte> to) =>
        !SubackPacket.TryRead(frame, _packet, _version, out SubackPacket packet, out _) ? -1 : to.IsEmpty ? 0 : packet.Write(to, _version);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Unsubscribe(in PacketFrame frame, Span<byte> to) =>
        !UnsubscribePacket.TryRead(frame, _packet, _version, out UnsubscribePacket packet, out _) ? -1 : to.IsEmpty ? 0 : packet.Write(to, _version);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Disconnect(in PacketFrame frame, Span<byte> to) =>
        !DisconnectPacket.TryRead(frame, _packet, _version, out DisconnectPacket packet, out _) ? -1 : to.IsEmpty ? 0 : packet.Write(to, _version);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Auth(in PacketFrame frame, Span<byte> to) =>
        !AuthPacket.TryRead(frame, _packet, out AuthPacket packet, out _) ? -1 : to.IsEmpty ? 0 : packet.Write(to);

    // The same two bytes always.
    private static int Ping(in PacketFrame frame, Span<byte> to)
    {
        if (!PingPacket.TryRead(frame, out _)) return -1;
        if (to.IsEmpty) return 0;
        ReadOnlySpan<byte> ping = frame.Type == PacketType.Pingreq ? PingPacket.Pingreq : PingPacket.Pingresp;
        ping.CopyTo(to);
        return ping.Length;
    }
}
