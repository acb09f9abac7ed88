// The code of docs/capture-library.md, which a test compares with the page and runs.
using Godwit.Capture.Conversations;
using Godwit.Capture.Filters;
using Godwit.Capture.Findings;
using Godwit.Protocol;
using Godwit.Testing;

namespace Godwit.Capture.Tests.Views;

public class LibraryExample
{
    [Fact]
    public void Example_OfThePage_IsThisOneAndRuns()
    {
        string code = File.ReadAllText(Repository.PathOf("tests/Godwit.Capture.Tests/Views/LibraryExample.cs"));
        string example = code[(code.IndexOf("// begin\n", StringComparison.Ordinal) + 9)..code.IndexOf("        // end\n", StringComparison.Ordinal)].Replace("\n        ", "\n")[8..];
        Assert.Contains($"```csharp\n{example}```\n", File.ReadAllText(Repository.PathOf("docs/capture-library.md")));

        var output = new StringWriter();
        Show(Repository.PathOf("tests/captures/zeek-mqtt.pcap"), output);
        Assert.StartsWith("5 PUBLISH SampleTopic: 35 bytes from 198.41.30.241:1883", output.ToString());
        Assert.Contains("   Topic Name = \"SampleTopic\", bytes 4 to 14", output.ToString());
        Assert.Contains("p99 of CONNECT - CONNACK: 235 ms", output.ToString());
    }

    private static void Show(string path, TextWriter Console)
    {
        // begin
        using CaptureReader capture = CaptureReader.Open(path);
        foreach (CapturedPacket packet in capture.ReadPackets(CaptureFilter.Compile("type == publish and retain")))
        {
            Console.WriteLine($"{packet.Number} {packet.Type.Name()} {packet.Topic}: {packet.Payload.Length} bytes from {packet.Connection.Stream.Responder}");
            foreach (var field in packet.Explain().Leaves.Where(field => field.Mask == 0xFF))
                Console.WriteLine($"   {field.Name} = {field.Value}, bytes {field.Offset} to {field.Offset + field.Length - 1}");
        }
        foreach (Finding finding in capture.Findings.BySeverity)
            Console.WriteLine($"{finding.Rule.Severity}: {finding.Sentence} ({finding.Count} times)");
        foreach (var times in capture.Statistics!.Latencies.Where(entry => entry.Key.Kind == ExchangeKind.Connect).Select(entry => entry.Value))
            Console.WriteLine($"p99 of CONNECT - CONNACK: {times.ValueAt(0.99) / 1_000_000} ms");
        // end
    }
}
