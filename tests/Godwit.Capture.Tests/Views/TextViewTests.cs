using System.Text;
using Godwit.Capture.Views;

namespace Godwit.Capture.Tests.Views;

public class TextViewTests
{
    [Theory]
    [InlineData(80)]
    [InlineData(160)]
    public void Line_OfALongMessage_FitsTheTerminal(int width)
    {
        byte[] capture = PacketCapture.Of("connect", "connack", PacketCapture.Publish(string.Concat(Enumerable.Repeat("level/", 40)), new string('x', 500)), PacketCapture.Publish("a/b", "Grüße aus Köln, und noch viel mehr Text als in eine Zeile passt, auch in eine sehr lange mit hundertsechzig Spalten und mehr"));
        string[] lines = Show(capture, new TextViewOptions { Width = width });
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, width));
        Assert.Contains("Grüße", lines[3]);
    }

    [Fact]
    public void Line_WithControlCharacters_ShowsThemAsEscapes()
    {
        string[] lines = Show(PacketCapture.Of("connect", PacketCapture.Publish("a\u202Eb", "one\ntwo\e[2J")), new TextViewOptions());
        Assert.DoesNotContain('\e', lines[1]);
        Assert.Contains(@"a\xE2\x80\xAEb q0 ", lines[1]);
    }

    [Theory]
    [InlineData(TimeStyle.Relative, "  0.000300")]
    [InlineData(TimeStyle.Delta, "  0.000100")]
    [InlineData(TimeStyle.Absolute, "2026-03-01 10:12:44.000300")]
    public void Time_InEachStyle_IsThatOfTheFrame(TimeStyle style, string expected) =>
        Assert.Contains(expected, Show(PacketCapture.Of("connect", "connack"), new TextViewOptions { Time = style })[1]);

    [Fact]
    public void Finding_TheFirstTime_HasALineOfItsOwn()
    {
        string[] lines = Show(PacketCapture.Of("connect", "connack", PacketCapture.Publish("/a", "1"), PacketCapture.Publish("/a", "2")), new TextViewOptions());
        Assert.Equal("      ! topic-leading-slash: A topic begins with /", lines[3]);
        Assert.StartsWith("     4!", lines[4]);
        Assert.Equal(5, lines.Length);
    }

    [Fact]
    public void Line_Coloured_IsTheSameTextWithEscapes()
    {
        byte[] capture = PacketCapture.Of("connect", "connack", "publish1", "puback");
        string[] plain = Show(capture, new TextViewOptions()), coloured = Show(capture, new TextViewOptions { IsColoured = true });
        Assert.Equal(plain, coloured.Select(line => System.Text.RegularExpressions.Regex.Replace(line, "\e\\[[0-9;]*m", "")));
        Assert.All(coloured, line => Assert.Contains('\e', line));
    }

    [Fact]
    public void Lines_ShownByAView_AllocateNothing()
    {
        byte[] few = PacketCapture.Of(["connect", "connack", .. Enumerable.Repeat("publish1; puback", 100)]), many = PacketCapture.Of(["connect", "connack", .. Enumerable.Repeat("publish1; puback", 1100)]);
        Allocated(few);
        long difference = Allocated(many) - Allocated(few);
        // 2,000 more packets; what is left is the findings' and the tables' growth.
        Assert.InRange(difference, 0, 2000 * 8);
    }

    private static long Allocated(byte[] capture)
    {
        using var output = new RecordOutput(Stream.Null);
        using CaptureReader reader = CaptureReader.Open(new MemoryStream(capture), new CaptureReaderOptions { Views = [new TextView(output, new TextViewOptions())] });
        long before = GC.GetAllocatedBytesForCurrentThread();
        reader.Run();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static string[] Show(byte[] capture, TextViewOptions options)
    {
        var text = new MemoryStream();
        using (var output = new RecordOutput(text))
        {
            using CaptureReader reader = CaptureReader.Open(new MemoryStream(capture), new CaptureReaderOptions { Views = [new TextView(output, options)] });
            reader.Run();
        }
        return Encoding.UTF8.GetString(text.ToArray()).TrimEnd('\n').Split('\n');
    }
}
