// Connections that do not come to CONNECT: how many, and how long. A byte each second keeps nothing open, whatever is awaited.
using System.Net;
using Godwit.Broker;
using Godwit.Broker.Limits;
using Godwit.Transport;

namespace Godwit.Conformance.Tests.Limits;

public class OpeningLimitTests
{
    private const string Upgrade = "GET / HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

    private static readonly IPEndPoint Anywhere = new(IPAddress.Any, 1883);

    [Theory]
    [Loops]
    public void Opening_MoreThanAllowed_TheOldestGoesAndTheConnectedStay(int loops)
    {
        using var broker = new TestBroker(loops);
        ListenerGate door = broker.Listen(new ListenerOptions(Anywhere) { MaximumOpening = 2 });
        TestClient connected = broker.OpenFrom(door, "192.0.2.9")!;
        connected.Send(Packets.Connect(ProtocolVersion.V311, "c"));
        TestClient first = broker.OpenFrom(door, "192.0.2.1")!, second = broker.OpenFrom(door, "192.0.2.2")!;
        Assert.Equal(2, door.Opening);

        TestClient third = broker.OpenFrom(door, "192.0.2.3")!;

        Assert.Equal((true, false, false, false), (first.IsClosed, second.IsClosed, third.IsClosed, connected.IsClosed));
        Assert.Equal((2, 1), (door.Opening, (int)broker.Statistics.RefusedByReason[RefusalReason.Opening]));
        second.Send(Packets.Connect(ProtocolVersion.V311, "d"));
        second.Expect("20 02 00 00");
        Assert.Equal(1, door.Opening);
    }

    [Fact]
    public void Opening_OfOneAddress_OnlyItsOwnGo()
    {
        using var broker = new TestBroker(configure: o => o with { Connections = new ConnectLimits { MaximumOpeningPerAddress = 2 } });
        ListenerGate door = broker.Listen();
        TestClient other = broker.OpenFrom(door, "192.0.2.9")!;
        TestClient[] flood = [.. Enumerable.Range(0, 5).Select(_ => broker.OpenFrom(door, "192.0.2.1")!)];

        Assert.Equal([true, true, true, false, false], flood.Select(client => client.IsClosed));
        Assert.False(other.IsClosed);
        Assert.Equal(3, door.Opening);
    }

    [Fact]
    public void Opening_OneThatGetsFurther_GoesBehindThoseThatDoNot()
    {
        using var broker = new TestBroker();
        ListenerGate door = broker.Listen(new ListenerOptions(Anywhere) { IsAny = true, MaximumOpening = 2 });
        TestClient busy = broker.OpenFrom(door, "192.0.2.1")!, idle = broker.OpenFrom(door, "192.0.2.2")!;
        busy.Send(Packets.Utf8(Upgrade));

        broker.OpenFrom(door, "192.0.2.3");

        Assert.Equal((false, true), (busy.IsClosed, idle.IsClosed));
    }

    [Fact]
    public void Opening_Gone_LeavesNothingBehind()
    {
        using var broker = new TestBroker(configure: o => o with { Connections = new ConnectLimits { MaximumOpeningPerAddress = 5, MaximumPerAddress = 5 } });
        ListenerGate door = broker.Listen(new ListenerOptions(Anywhere) { IsAny = true });

        for (int i = 0; i < 20; i++)
        {
            TestClient client = broker.OpenFrom(door, "192.0.2.1")!;
            client.Send(i % 3 == 0 ? "AA BB CC" : "10");
            client.Reset();
        }

        Assert.Equal((0, 0), (door.Opening, door.Connections));
    }

    [Theory]
    [InlineData("tcp", "10 FF 7F 00 04 4D 51 54 54 04 02 00 3C 3F FF 61 61 61 61 61 61 61")]
    [InlineData("proxy", "50 52 4F 58 59 20 54 43 50 34 20 31 39 32 2E 30 2E 32 2E 31 20 31")]
    [InlineData("any", "47 45 54 20 2F 20 48 54 54 50 2F 31 2E 31 0D 0A 48 6F 73 74 3A 20")]
    [InlineData("ws", "47 45 54 20 2F 20 48 54 54 50 2F 31 2E 31 0D 0A 48 6F 73 74 3A 20")]
    [InlineData("upgraded", "82 FE 01 00 00 00 00 00 10 FF 7F 00 04 4D 51 54 54 04 02 00 3C 3F")]
    [InlineData("tls", "16 03 01 02 00 01 00 01 FC 03 03 00 01 02 03 04 05 06 07 08 09 0A")]
    public void Slowloris_AByteASecond_EndsAtConnectTimeout(string scheme, string hex)
    {
        using TestCertificates? certificates = scheme == "tls" ? new TestCertificates() : null;
        using var broker = new TestBroker();
        var listener = new ListenerOptions(Anywhere)
        {
            WebSocket = scheme is "ws" or "upgraded" ? new WebSocketServerOptions() : null,
            IsAny = scheme == "any",
            ExpectsProxyHeader = scheme == "proxy",
            TrustedProxies = scheme == "proxy" ? [IPNetwork.Parse("192.0.2.1/32")] : [],
            Tls = certificates is null ? null : new TlsServerOptions { Certificates = [new CertificateFiles(certificates.Make("localhost").File)] },
        };
        ListenerGate door = broker.Listen(listener);
        TestClient client = broker.OpenFrom(door, "192.0.2.1")!;
        if (scheme == "upgraded") client.Send(Packets.Utf8(Upgrade));
        byte[] bytes = Hex.Bytes(hex);

        for (int second = 0; second < 9; second++)
        {
            client.Send(bytes[second..(second + 1)]);
            broker.Advance(TimeSpan.FromSeconds(1));
            Assert.False(client.IsClosed, $"closed after {second + 1} seconds");
        }
        client.Send(bytes[9..10]);
        broker.Advance(TimeSpan.FromSeconds(1));
        broker.Advance(TimeSpan.FromSeconds(1)); // what the client is told may linger so long

        Assert.True(client.IsClosed);
        Assert.Equal((0, 0), (door.Opening, door.Connections));
    }
}
