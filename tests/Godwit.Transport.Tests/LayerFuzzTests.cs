// What stands before MQTT is reached by anybody: HTTP, WebSocket frames, PROXY headers, first bytes. Whatever comes, nothing throws, nothing is kept
// beyond the bounds, and when the time is over every connection is through to its handler or gone.
using System.Net;
using System.Text;
using Godwit.Testing;
using Microsoft.Extensions.Logging;

namespace Godwit.Transport.Tests;

public sealed class LayerFuzzTests
{
    private const string Connect = "\u0010\u000e\0\u0004MQTT\u0004\u0002\0\0\0\u0002me";

    private const string Upgrade =
        "GET /mqtt HTTP/1.1\r\nHost: broker\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nX-Forwarded-For: 192.0.2.1, 127.0.0.1\r\n\r\n";

    private static readonly string[] Frames =
    [
        "\u0082\u0085\u0001\u0002\u0003\u0004hello", "\u0002\u0081\0\0\0\0a\u0080\u0081\0\0\0\0b", "\u0089\u0083\0\0\0\0png", "\u008a\u0080\0\0\0\0",
        "\u0088\u0082\0\0\0\0\u0003\u00e8", "\u0082\u00fe\0\u0080\0\0\0\0" + new string('x', 128), "\u0082\u00ff\0\0\0\0\0\u0001\0\0\0\0\0\0" + new string('y', 65_536),
    ];

    private static readonly string[] Headers =
    [
        "PROXY TCP4 192.0.2.1 192.0.2.2 56324 1883\r\n", "PROXY TCP6 2001:db8::1 2001:db8::2 56324 1883\r\n", "PROXY UNKNOWN\r\n",
        "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c\u00c0\0\u0002\u0001\u00c0\0\u0002\u0002\u00dc\u0004\u0007\u005b",
        "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u001b\u00c0\0\u0002\u0001\u00c0\0\u0002\u0002\u00dc\u0004\u0007\u005b\u0020\0\u000c\u0003\0\0\0\0\u0022\0\u0004name",
        "\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0",
    ];

    [Fact]
    public void WebSocket_AnyInput_IsReadOrRefused() =>
        Try(new LayerOptions { WebSocket = new WebSocketServerOptions() }, [.. Frames.Select(frame => Upgrade + frame), Upgrade + string.Concat(Frames)], 60_000);

    [Fact]
    public void Proxy_AnyInput_IsReadOrRefused() =>
        Try(new LayerOptions { ExpectsProxyHeader = true, TrustedProxies = [IPNetwork.Parse("0.0.0.0/0")] }, [.. Headers.Select(header => header + Connect)], 500_000);

    [Fact]
    public void Any_AnyInput_IsReadOrRefused() => Try(new LayerOptions { IsAny = true }, [Connect, Upgrade + Frames[0], "\u0016\u0003\u0001\0\u0005\u0001\0\0\u0001\0", "POST / HTTP/1.1\r\n\r\n"], 400_000);

    private static void Try(LayerOptions options, string[] seeds, int iterations)
    {
        LayeredPair? former = null;
        Fuzz.Run([.. seeds.Select(Encoding.Latin1.GetBytes)], iterations, (input, random) =>
        {
            int chunk = random.Next(3) == 0 ? random.Next(1, 20) * (1 + input.Length / 1024) : int.MaxValue; // a few bytes of a large frame at a time take long
            var pair = former = new LayeredPair(options, chunk, former: former);
            pair.Send(input);
            Assert.InRange(pair.ServerConnection.PendingInput, 0, 16 * 1024); // the largest header, and a frame's is small
            pair.Pass(options.Timeout + TimeSpan.FromSeconds(1));
            bool isThrough = pair.Server.OpenedTask.IsCompleted;
            if (!isThrough) pair.Pass(TimeSpan.FromSeconds(10)); // the time a refusal lingers
            Assert.True(isThrough || pair.Client.ClosedCount == 1, "it is neither through nor closed");
            Assert.DoesNotContain(pair.Log.Entries, entry => entry.Level >= LogLevel.Error);
            pair.Connection.Abort();
            pair.Run();
            pair.Log.Entries.Clear();
        });
    }
}
