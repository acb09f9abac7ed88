using System.Text;
using Godwit.Capture.Tls;

namespace Godwit.Capture.Tests.Tls;

public class KeyLogTests
{
    private static readonly string Random = string.Concat(Enumerable.Repeat("ab", 32)), Secret = string.Concat(Enumerable.Repeat("cd", 48));
    private static readonly byte[] RandomBytes = Convert.FromHexString(Random);

    [Theory]
    [InlineData("CLIENT_RANDOM {0} {1}\n", SecretLabel.Master)]
    [InlineData("# a comment\r\n\r\nSERVER_TRAFFIC_SECRET_0 {0} {1}\r\n", SecretLabel.ServerTraffic)]
    [InlineData("EXPORTER_SECRET {0} {1}\nnonsense\nCLIENT_HANDSHAKE_TRAFFIC_SECRET {0} {1}", SecretLabel.ClientHandshake)]
    internal void KeyLog_Lines_AreRead(string text, SecretLabel label)
    {
        var log = new TlsKeyLog();

        log.Add(Encoding.ASCII.GetBytes(text.Replace("{0}", Random.ToUpperInvariant()).Replace("{1}", Secret)));

        Assert.Equal(1, log.Count);
        Assert.Equal(Convert.FromHexString(Secret), log.Find(label, RandomBytes));
        Assert.Null(log.Find(SecretLabel.ClientTraffic, RandomBytes));
    }

    [Theory]
    [InlineData("CLIENT_RANDOM")]
    [InlineData("CLIENT_RANDOM ab cd")]
    [InlineData("CLIENT_RANDOM {0} xyz")]
    [InlineData("CLIENT_RANDOM {0}cd {1}")]
    [InlineData("CLIENT_RANDOM {0} {1}{1}")]
    public void KeyLog_WhatMakesNoSense_IsCounted(string line)
    {
        var log = new TlsKeyLog();

        log.Add(Encoding.ASCII.GetBytes(line.Replace("{0}", Random).Replace("{1}", Secret)));

        Assert.Equal((0, 1), (log.Count, log.BadLines));
    }

    [Fact]
    public void KeyLog_FileGrowsWithinALine_IsReadOnceItIsThere()
    {
        string file = Path.GetTempFileName(), line = $"CLIENT_RANDOM {Random} {Secret}";
        var log = new TlsKeyLog(file);

        File.AppendAllText(file, line[..50]);
        log.Refresh();
        Assert.Equal((0, 0), (log.Count, log.BadLines));
        File.AppendAllText(file, line[50..] + "\n");
        log.Refresh();

        Assert.Equal((1, 0), (log.Count, log.BadLines));
        File.WriteAllText(file, ""); // somebody begins a new one
        log.Refresh();
        Assert.Equal(1, log.Count);
        File.Delete(file);
    }

    [Fact]
    public void KeyLog_Full_TheOldestIsForgotten()
    {
        var log = new TlsKeyLog { Capacity = 3 };

        for (int i = 0; i < 10; i++) log.Add(Encoding.ASCII.GetBytes($"CLIENT_RANDOM {i:x2}{Random[2..]} {Secret}\n"));

        Assert.Equal(3, log.Count);
        Assert.Null(log.Find(SecretLabel.Master, [6, .. RandomBytes[1..]]));
        Assert.NotNull(log.Find(SecretLabel.Master, [9, .. RandomBytes[1..]]));
    }
}
