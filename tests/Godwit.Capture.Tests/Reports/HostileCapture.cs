// A capture in which everything that a client can choose tries to break out of where a report puts it.
using System.Text;
using Godwit.Capture.Reports;
using Godwit.Capture.Tests.Conversations;

namespace Godwit.Capture.Tests.Reports;

internal static class HostileCapture
{
    public const string Attack = "</script></title></svg><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\"' onclick=document.title='owned' \u202Egnp.exe";

    /// <summary>The attack as client identifier, user name, will topic, topic, filter and payload.</summary>
    public static string Page(ReportOptions? options = null)
    {
        using var recorder = new ReportRecorder((options ?? new ReportOptions()) with { Title = Attack });
        var scene = new Scene(observer: recorder);
        byte[] connect = Packet(0x10, [0, 4, .. "MQTT"u8, 4, 0b1100_0110, 0, 60, .. Text(Attack), .. Text(Attack), .. Text(Attack), .. Text(Attack + "user"), .. Text("geheim42")]);
        byte[] subscribe = Packet(0x82, [0, 1, .. Text(Attack), 0]), publish = Packet(0x32, [.. Text(Attack), 0, 7, .. Encoding.UTF8.GetBytes(Attack + "payload")]);
        scene.Play($"C {Hex(connect)}; connack; C {Hex(subscribe)}; S 90 03 00 01 80; C {Hex(publish)}; rst S");
        return HtmlReport.Write(recorder, new CaptureAnalysis());
    }

    private static byte[] Packet(byte first, byte[] body) => [first, (byte)(body.Length % 128 | 128), (byte)(body.Length / 128), .. body];

    private static byte[] Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
    }

    private static string Hex(byte[] bytes) => Convert.ToHexString(bytes);
}
