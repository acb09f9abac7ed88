// Listeners that find out what comes: one port for everything, and the PROXY protocol in front of it.
using System.Net;
using System.Net.Sockets;
using System.Text;
using Godwit.Testing;

namespace Godwit.Transport.Tests;

public sealed class ListenerLayerTests
{
    private const string Connect = "\u0010\u000e\0\u0004MQTT\u0004\u0002\0\0\0\u0002me";

    [Theory]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void Any_Mqtt_IsHandedOnUntouched(int chunk)
    {
        var pair = new LayeredPair(new LayerOptions { IsAny = true }, chunk);
        pair.Send(Connect);

        Assert.Equal(Connect, Encoding.Latin1.GetString(pair.Server.Bytes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void Any_WebSocket_IsUpgraded(int chunk)
    {
        var pair = new LayeredPair(new LayerOptions { IsAny = true }, chunk);
        pair.Send("GET /mqtt HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n\u0082\u0082\0\0\0\0hi");

        Assert.Equal("hi", pair.Server.Text);
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001", "has no certificate")]
    [InlineData("\u0001\u0002\u0003", "neither MQTT nor WebSocket nor TLS: the first bytes are 010203")]
    public void Any_SomethingElse_IsNamed(string bytes, string words)
    {
        var pair = new LayeredPair(new LayerOptions { IsAny = true });
        pair.Send(bytes);

        Assert.Contains(words, pair.LogText);
    }

    [Theory]
    [InlineData("50 52 4F 58 59 20 'TCP4 192.0.2.1 192.0.2.2 5632 1883' 0D 0A", "192.0.2.1:5632", null)]
    [InlineData("50 52 4F 58 59 20 'TCP6 2001:db8::1 ::1 5632 1883' 0D 0A", "[2001:db8::1]:5632", null)]
    [InlineData("0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A 21 11 00 0C C0000201 C0000202 1600 075B", "192.0.2.1:5632", null)]
    [InlineData("0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A 21 11 00 1B C0000201 C0000202 1600 075B 20 00 0C 07 00000000 22 00 04 'anna'", "192.0.2.1:5632", "anna")]
    [InlineData("0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A 21 11 00 13 C0000201 C0000202 1600 075B 03 00 04 F638EB05", "192.0.2.1:5632", null)]
    [InlineData("0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A 20 00 00 00", null, null)]
    [InlineData("50 52 4F 58 59 20 'UNKNOWN' 0D 0A", null, null)]
    public async Task ProxyHeader_FromATrustedProxy_SaysWhoTheClientIs(string header, string? remote, string? commonName)
    {
        var server = new TestHandler { Expected = 5 };
        await using EventLoopGroup group = Listen(server, trusted: "127.0.0.0/8", out Listener listener, out _);
        using Socket proxy = await ConnectAsync(listener);
        foreach (byte part in Hex.Bytes(header)) await proxy.SendAsync(new[] { part });
        await proxy.SendAsync("hello"u8.ToArray());
        await server.Reached;
        TransportConnection connection = await server.OpenedTask;

        Assert.Equal("hello", server.Text);
        Assert.Equal(remote ?? proxy.LocalEndPoint!.ToString(), connection.RemoteEndPoint!.ToString());
        Assert.Equal(proxy.LocalEndPoint!.ToString(), connection.Peer.DirectEndPoint!.ToString());
        Assert.Equal((remote is not null, commonName), (connection.Peer.IsForwarded, connection.Peer.ProxyCommonName));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "PROXY TCP4 192.0.2.1 192.0.2.2 5632 1883\r\n", "not among the trusted proxies")]
    [InlineData("127.0.0.0/8", Connect, "there is no PROXY header")]
    [InlineData("127.0.0.0/8", "PROXY TCP4 nonsense\r\n", "malformed")]
    [InlineData("127.0.0.0/8", "PROXY TCP4 192.0.2.1 192.0.2.2 5632 1883                                                                  x", "no end")]
    [InlineData("127.0.0.0/8", "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u00FF\u00FF", "more than 4 KiB")]
    [InlineData("127.0.0.0/8", "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u0013abcdefghijkl\u0003\0\u0004\0\0\0\0", "checksum is wrong")]
    public async Task ProxyHeader_WrongOrFromAnybody_EndsTheConnection(string trusted, string bytes, string words)
    {
        var server = new TestHandler();
        await using EventLoopGroup group = Listen(server, trusted, out Listener listener, out TestLog log);
        using Socket proxy = await ConnectAsync(listener);
        await proxy.SendAsync(Encoding.Latin1.GetBytes(bytes));
        Assert.Equal(0, await proxy.ReceiveAsync(new byte[10]));

        Assert.Contains(log.Entries, entry => entry.Message.Contains(words, StringComparison.Ordinal));
        Assert.False(server.OpenedTask.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Opening_MoreThanAllowed_TheOldestIsClosed()
    {
        var log = new TestLog();
        await using var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 1, Logger = log });
        Listener listener = group.Listen(Pairs.Loopback, () => new TestHandler(), new ListenOptions { Layers = new LayerOptions { IsAny = true }, MaximumOpening = 2 });
        group.Start();
        using Socket first = await ConnectAsync(listener), second = await ConnectAsync(listener), third = await ConnectAsync(listener);

        Assert.Equal(0, await first.ReceiveAsync(new byte[1]));
        Assert.Equal(2, listener.OpeningCount);
        Assert.Equal(1, log.CountOf(1007));
    }

    private static EventLoopGroup Listen(TestHandler server, string trusted, out Listener listener, out TestLog log)
    {
        log = new TestLog();
        var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 1, Logger = log });
        var layers = new LayerOptions { ExpectsProxyHeader = true, TrustedProxies = [IPNetwork.Parse(trusted)] };
        listener = group.Listen(Pairs.Loopback, () => server, new ListenOptions { Layers = layers });
        group.Start();
        return group;
    }

    private static async Task<Socket> ConnectAsync(Listener listener)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(listener.LocalEndPoint);
        return socket;
    }
}
