using System.Text;
using Godwit.Capture.Dumps;
using Godwit.Capture.Explain;
using Godwit.Capture.Exports;
using Godwit.Capture.Tests.Live;
using Godwit.Capture.Views;

namespace Godwit.Capture.Tests.Exports;

public class ExportTests
{
    // A client with password "secret", a message that nobody acknowledges, and one to a topic with a slash in front.
    private static readonly byte[] Capture = PacketCapture.Of(
        "C 10 18 00 04 'MQTT' 04 C2 00 3C 00 01 'c' 00 01 'u' 00 06 'secret'", "connack", PacketCapture.Publish("/a", "21.5"), "C 32 07 00 03 'a/b' 00 07", "S D0 00");

    [Fact]
    public async Task Frames_WithFindings_AreCommentedForWireshark()
    {
        byte[] written = Run(stream => new FrameExport(stream));
        string[] lines = await TsharkAsync(written, "frame.number", "mqtt.msgtype", "frame.comment");
        Assert.Equal(7, lines.Length);
        Assert.Equal("5\t3\tPacket 3: note topic-leading-slash: The topic \"/a\" has an empty first level.", lines[4]);
    }

    [Fact]
    public async Task Frames_OfAChoice_AreThoseOfItsPackets()
    {
        byte[] written = Run(stream => new FrameExport(stream, isSelective: true), "type == publish");
        Assert.Equal(["1\t3\t/a", "2\t3\ta/b"], await TsharkAsync(written, "frame.number", "mqtt.msgtype", "mqtt.topic"));
    }

    [Fact]
    public async Task Packets_AsExportedPdus_AreDissectedByWireshark()
    {
        byte[] written = Run(stream => new PacketExport(stream, new TextViewOptions()));
        string[] lines = await TsharkAsync(written, "mqtt.msgtype", "mqtt.topic", "mqtt.passwd", "ip.src", "tcp.srcport", "_ws.col.Protocol", "_ws.col.Source");
        Assert.Equal(5, lines.Length);
        Assert.Equal("1\t\t******\t10.0.0.1\t\tMQTT\t10.0.0.1", lines[0]);
        Assert.Equal("3\t/a\t\t10.0.0.1\t\tMQTT\t10.0.0.1", lines[2]);
        Assert.EndsWith("MQTT\t10.0.0.2", lines[4]);
    }

    [Fact]
    public void Vectors_Packets_AreReadAgain()
    {
        var text = new MemoryStream();
        using (var output = new RecordOutput(text))
        {
            using CaptureReader reader = CaptureReader.Open(new MemoryStream(Capture), new CaptureReaderOptions { Views = [new VectorExport(output, new TextViewOptions { ShowPasswords = true })] });
            reader.Run();
        }
        Assert.True(HexText.TryParse(Encoding.UTF8.GetString(text.ToArray()), out byte[] bytes, out HexTextError? error), error?.ToString());
        using CaptureReader again = CaptureReader.Open(new MemoryStream(Capture));
        Assert.Equal(Convert.ToHexString([.. again.ReadPackets().SelectMany(packet => packet.Bytes.ToArray())]), Convert.ToHexString(bytes));
        Assert.Equal("PINGRESP", Explainer.Explain(bytes)[^1].Summary);
    }

    [Fact]
    public void Vectors_Passwords_AreAsterisks()
    {
        var text = new MemoryStream();
        using (var output = new RecordOutput(text))
        {
            using CaptureReader reader = CaptureReader.Open(new MemoryStream(Capture), new CaptureReaderOptions { Views = [new VectorExport(output, new TextViewOptions())] });
            reader.Run();
        }
        Assert.Contains("2A 2A 2A 2A 2A 2A", Encoding.UTF8.GetString(text.ToArray()));
    }

    private static byte[] Run<T>(Func<Stream, T> create, string? filter = null) where T : IPacketView, IDisposable
    {
        var stream = new MemoryStream();
        using (T export = create(stream))
        {
            var choice = new PacketChoice { Filter = filter is null ? null : Godwit.Capture.Filters.CaptureFilter.Compile(filter) };
            using CaptureReader reader = CaptureReader.Open(new MemoryStream(Capture), new CaptureReaderOptions
            {
                Views = [new PacketSelection(choice, [export], () => { })],
                FrameViews = export is IFrameView frames ? [frames] : [],
            });
            reader.Run();
        }
        return stream.ToArray();
    }

    private static async Task<string[]> TsharkAsync(byte[] file, params string[] fields)
    {
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, file);
            return (await Peer.RunAsync("tshark", ["-n", "-r", path, "-T", "fields", .. fields.SelectMany(field => new[] { "-e", field })])).TrimEnd('\n').Split('\n');
        }
        finally
        {
            File.Delete(path);
        }
    }
}
