// Connections and connects of one address: counted, refused before anything is read, and bounded however many addresses there are.
using System.Net;
using Godwit.Broker;
using Godwit.Broker.Limits;
using Godwit.Transport;

namespace Godwit.Conformance.Tests.Limits;

public class AddressLimitTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2")]
    [InlineData("2001:db8:1:1::1", "2001:db8:1:1:ffff::2", "2001:db8:1:2::1")] // a customer has a /64
    public void Connections_OfOneAddress_AreBounded(string first, string same, string other)
    {
        using var broker = Make(new ConnectLimits { MaximumPerAddress = 2 });
        ListenerGate door = broker.Listen();
        TestClient client = Connect(broker, door, first, "a");
        Connect(broker, door, same, "b");

        Assert.Null(broker.OpenFrom(door, same));
        Assert.NotNull(broker.OpenFrom(door, other));
        client.Disconnect();
        Assert.NotNull(broker.OpenFrom(door, first));
        Assert.Equal(1, broker.Statistics.RefusedByReason[RefusalReason.Address]);
    }

    [Fact]
    public void Connections_OfThisMachine_AreExemptByDefault()
    {
        using var broker = Make(new ConnectLimits { MaximumPerAddress = 1, ConnectBurst = 1, ConnectRate = 1 });
        ListenerGate door = broker.Listen();

        for (int i = 0; i < 5; i++) Assert.NotNull(broker.OpenFrom(door, "127.0.0.1"));
        Assert.NotNull(broker.OpenFrom(door, "::1"));
    }

    [Fact]
    public void ConnectRate_BurstUsedUp_RefusedUntilTimeHasPassed()
    {
        using var broker = Make(new ConnectLimits { ConnectBurst = 3, ConnectRate = 2 });
        ListenerGate door = broker.Listen();
        for (int i = 0; i < 3; i++) Assert.NotNull(broker.OpenFrom(door, "192.0.2.1"));

        Assert.Null(broker.OpenFrom(door, "192.0.2.1"));
        Assert.NotNull(broker.OpenFrom(door, "192.0.2.2"));
        broker.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(broker.OpenFrom(door, "192.0.2.1"));
        Assert.NotNull(broker.OpenFrom(door, "192.0.2.1"));
        Assert.Null(broker.OpenFrom(door, "192.0.2.1"));
        Assert.Equal(2, broker.Statistics.RefusedByReason[RefusalReason.ConnectRate]);
    }

    [Fact]
    public void ConnectRate_Default_TakesAFleetBehindOneAddressAtOnce()
    {
        using var broker = Make(new ConnectLimits());
        ListenerGate door = broker.Listen(new ListenerOptions(new IPEndPoint(IPAddress.Any, 0)) { MaximumOpening = 100_000 });

        int refused = Enumerable.Range(0, 60_000).Count(_ => door.TryEnter(broker.Broker.State.Shards[0].Loop, IPAddress.Parse("192.0.2.1")) is null);

        Assert.Equal(0, refused);
        refused = Enumerable.Range(0, 10_000).Count(_ => door.TryEnter(broker.Broker.State.Shards[0].Loop, IPAddress.Parse("192.0.2.1")) is null);
        Assert.Equal(70_000 - 65_536, refused);
    }

    [Fact]
    public void Refused_ManyTimes_IsOneLineAndACount()
    {
        using var broker = Make(new ConnectLimits { ConnectBurst = 1, ConnectRate = 1 });
        ListenerGate door = broker.Listen();
        broker.OpenFrom(door, "192.0.2.1");

        for (int i = 0; i < 1000; i++) broker.OpenFrom(door, "192.0.2.1");
        broker.Advance(TimeSpan.FromSeconds(15));

        string[] lines = [.. broker.Log.Lines.Where(line => line.StartsWith("Refused ", StringComparison.Ordinal))];
        Assert.InRange(lines.Length, 1, 2);
        Assert.Contains("too many connects from one address (connect_rate). The last: 192.0.2.1.", lines[^1]);
        Assert.Equal(1000, broker.Statistics.RefusedByReason[RefusalReason.ConnectRate]);
    }

    [Fact]
    public void Listener_Full_RefusesAndTakesTheNextWhenOneHasGone()
    {
        using var broker = Make(new ConnectLimits());
        ListenerGate door = broker.Listen(new ListenerOptions(new IPEndPoint(IPAddress.Any, 1883)) { MaximumConnections = 2 }), second = broker.Listen();
        TestClient client = Connect(broker, door, "192.0.2.1", "a");
        Connect(broker, door, "192.0.2.2", "b");

        Assert.Null(broker.OpenFrom(door, "192.0.2.3"));
        Assert.NotNull(broker.OpenFrom(second, "192.0.2.3"));
        client.Reset();
        Assert.NotNull(broker.OpenFrom(door, "192.0.2.3"));
        Assert.Equal(1, broker.Statistics.RefusedByReason[RefusalReason.Listener]);
    }

    [Fact]
    public void Proxy_Trusted_TheClientsAddressCountsAndNotTheProxys()
    {
        using var broker = Make(new ConnectLimits { MaximumPerAddress = 1 });
        ListenerGate door = broker.Listen(new ListenerOptions(new IPEndPoint(IPAddress.Any, 1883)) { ExpectsProxyHeader = true, TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")] });

        TestClient first = Greet("192.0.2.1"), second = Greet("192.0.2.1"), other = Greet("192.0.2.2");

        Assert.Equal((false, true, false), (first.IsClosed, second.IsClosed, other.IsClosed));

        TestClient Greet(string client)
        {
            TestClient proxy = broker.OpenFrom(door, "10.0.0.1")!;
            proxy.Send(Packets.Utf8($"PROXY TCP4 {client} 10.0.0.2 1000 1883\r\n"));
            return proxy;
        }
    }

    [Fact]
    public void Proxy_XForwardedFor_TheClientsAddressCounts()
    {
        using var broker = Make(new ConnectLimits { MaximumPerAddress = 1 });
        ListenerGate door = broker.Listen(new ListenerOptions(new IPEndPoint(IPAddress.Any, 80)) { WebSocket = new WebSocketServerOptions(), TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")] });

        Assert.Equal((false, true, false), (Upgrade("192.0.2.1").IsClosed, Upgrade("192.0.2.1").IsClosed, Upgrade("192.0.2.2").IsClosed));

        TestClient Upgrade(string client)
        {
            TestClient proxy = broker.OpenFrom(door, "10.0.0.1")!;
            proxy.Send(Packets.Utf8("GET / HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nX-Forwarded-For: {client}\r\n\r\n"));
            return proxy;
        }
    }

    [Fact]
    public void Table_AMillionAddresses_IsBounded()
    {
        using var broker = Make(new ConnectLimits { MaximumPerAddress = 3 });
        AddressTable table = broker.Broker.State.Door.Addresses;
        ListenerGate door = broker.Listen();
        EventLoop loop = broker.Broker.State.Shards[0].Loop;
        byte[] bytes = IPAddress.Parse("2001:db8::").GetAddressBytes();

        for (int i = 0; i < 300_000; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), i);
            door.Withdraw(door.TryEnter(loop, new IPAddress(bytes))!);
        }

        Assert.InRange(table.Count, 1, AddressTable.Capacity);
    }

    [Fact]
    public void Reconfigure_OtherLimits_HoldForWhoComesThen()
    {
        using var broker = Make(new ConnectLimits());
        ListenerGate door = broker.Listen();
        Connect(broker, door, "192.0.2.1", "a");

        broker.Broker.Reconfigure(broker.Broker.State.Options with { Connections = new ConnectLimits { MaximumPerAddress = 1 } });
        Assert.NotNull(broker.OpenFrom(door, "192.0.2.1"));
        Assert.Null(broker.OpenFrom(door, "192.0.2.1"));
    }

    private static TestBroker Make(ConnectLimits limits) => new(configure: o => o with { Connections = limits });

    private static TestClient Connect(TestBroker broker, ListenerGate door, string address, string id)
    {
        TestClient client = broker.OpenFrom(door, address)!;
        client.Send(Packets.Connect(ProtocolVersion.V311, id));
        client.Expect("20 02 00 00");
        return client;
    }
}
