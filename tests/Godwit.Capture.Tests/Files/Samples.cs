using System.IO.Compression;
using Godwit.Capture.Files;
using Godwit.Testing;

namespace Godwit.Capture.Tests.Files;

/// <summary>Captures to begin with.</summary>
internal static class Samples
{
    /// <summary>MQTT over IPv6, QoS 1.</summary>
    public static byte[] Pcap { get; } = File.ReadAllBytes(Repository.PathOf("tests/captures/mqtt311-pub-qos1.pcap"));

    /// <summary>The same as our writer writes it, with a comment at each frame.</summary>
    public static byte[] Pcapng { get; } = Convert(Pcap);

    public static byte[] Compress(byte[] bytes)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal)) gzip.Write(bytes);
        return compressed.ToArray();
    }

    private static byte[] Convert(byte[] file)
    {
        var stream = new MemoryStream();
        using FrameSource source = CaptureFile.Open(new MemoryStream(file));
        using (var writer = new PcapngWriter(stream))
        {
            writer.AddInterface(source.Interfaces[0].Link);
            while (source.TryRead(out Frame frame)) writer.WriteFrame(0, frame.Time, frame.Bytes, frame.OriginalLength, $"number {frame.Number}");
        }
        return stream.ToArray();
    }
}
