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

    /// <summary>Reads the packet, and writes it unless there is nowhere to; gives the bytes written.</summary>
    private int Pass(Span<byte> to)
    {
        PacketFrame.Read(_packet, _version, 1024, out PacketFrame frame, out _);
        switch (frame.Type)
        {
            case PacketType.Connect:
                return ConnectPacket.TryRead(frame, _packet, out ConnectPacket connect, out _) ? to.IsEmpty ? 0 : connect.Write(to) : -1;
            case PacketType.Connack:
                return ConnackPacket.TryRead(frame, _packet, _version, out ConnackPacket connack, out _) ? to.IsEmpty ? 0 : connack.Write(to, _version) : -1;
            case PacketType.Publish:
                return PublishPacket.TryRead(frame, _packet, _version, out PublishPacket publish, out _) ? to.IsEmpty ? 0 : publish.Write(to, _version) : -1;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp:
                return PublishAckPacket.TryRead(frame, _packet, _version, out PublishAckPacket ack, out _) ? to.IsEmpty ? 0 : ack.Write(to, _version) : -1;
            case PacketType.Subscribe:
                return SubscribePacket.TryRead(frame, _packet, _version, out SubscribePacket subscribe, out _) ? to.IsEmpty ? 0 : subscribe.Write(to, _version) : -1;
            case PacketType.Suback or PacketType.Unsuback:
                return SubackPacket.TryRead(frame, _packet, _version, out SubackPacket suback, out _) ? to.IsEmpty ? 0 : suback.Write(to, _version) : -1;
            case PacketType.Unsubscribe:
                return UnsubscribePacket.TryRead(frame, _packet, _version, out UnsubscribePacket unsubscribe, out _) ? to.IsEmpty ? 0 : unsubscribe.Write(to, _version) : -1;
            case PacketType.Disconnect:
                return DisconnectPacket.TryRead(frame, _packet, _version, out DisconnectPacket disconnect, out _) ? to.IsEmpty ? 0 : disconnect.Write(to, _version) : -1;
            case PacketType.Auth:
                return AuthPacket.TryRead(frame, _packet, out AuthPacket auth, out _) ? to.IsEmpty ? 0 : auth.Write(to) : -1;
            default: // a ping is the same two bytes always
                if (!PingPacket.TryRead(frame, out _)) return -1;
                if (to.IsEmpty) return 0;
                ReadOnlySpan<byte> ping = frame.Type == PacketType.Pingreq ? PingPacket.Pingreq : PingPacket.Pingresp;
                ping.CopyTo(to);
                return ping.Length;
        }
    }
}
