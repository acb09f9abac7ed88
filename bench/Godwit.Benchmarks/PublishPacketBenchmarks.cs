using BenchmarkDotNet.Attributes;
using Godwit.Protocol;

namespace Godwit.Benchmarks;

/// <summary>One PUBLISH with a payload of 64 bytes, read and written.</summary>
[MemoryDiagnoser]
public class PublishPacketBenchmarks
{
    private readonly byte[] _buffer = new byte[256];
    private byte[] _packet = [];

    /// <summary>Before MQTT 5 and with it, there with two properties.</summary>
    [Params(ProtocolVersion.V311, ProtocolVersion.V5)]
    public ProtocolVersion Version { get; set; }

    /// <summary>Makes the packet.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var properties = new PropertyWriter(new byte[64]);
        properties.Add(PropertyId.ContentType, "text/plain"u8);
        properties.AddUserProperty("unit"u8, "celsius"u8);
        var publish = new PublishPacket
        {
            Topic = "plant/line7/sensor42/temperature"u8,
            QoS = QoS.AtLeastOnce,
            PacketId = 7,
            Properties = properties.Written,
            Payload = new byte[64],
        };
        _packet = new byte[publish.Length(Version)];
        publish.Write(_packet, Version);
    }

    /// <summary>Frame, fields, checks.</summary>
    [Benchmark]
    public int Read()
    {
        PacketFrame.Read(_packet, Version, 1024, out PacketFrame frame, out _);
        PublishPacket.TryRead(frame, _packet, Version, out PublishPacket publish, out _);
        return publish.Payload.Length + publish.PacketId;
    }

    /// <summary>The same, and all fields written again.</summary>
    [Benchmark]
    public int ReadAndWrite()
    {
        PacketFrame.Read(_packet, Version, 1024, out PacketFrame frame, out _);
        PublishPacket.TryRead(frame, _packet, Version, out PublishPacket publish, out _);
        return publish.Write(_buffer, Version);
    }
}
