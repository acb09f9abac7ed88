// Who is banned: refused with CONNECT or before, disconnected if there, and how administrators say so.
using System.Net;
using System.Text.Json.Nodes;
using Godwit.Broker;
using Godwit.Broker.Limits;
using Godwit.Conformance.Tests.Control;
using Godwit.Conformance.Tests.Mqtt5;
using Godwit.Transport;

namespace Godwit.Conformance.Tests.Limits;

public class BanTests
{
    [Theory]
    [InlineData("{\"clientId\":\"evil\"}", true, false, false)]
    [InlineData("{\"userName\":\"bob\"}", true, true, false)]
    [InlineData("{\"address\":\"192.0.2.0/24\"}", true, true, true)]
    [InlineData("{\"clientId\":\"evil\",\"userName\":\"bob\"}", true, false, false)]
    [InlineData("{\"clientId\":\"evil\",\"userName\":\"anna\"}", false, false, false)]
    [InlineData("{\"userName\":\"bob\",\"address\":\"192.0.2.1\"}", true, true, false)]
    [InlineData("{\"address\":\"198.51.100.0/24\"}", false, false, false)]
    public void Ban_OfSomebody_DisconnectsAndRefusesWhoeverFits(string ban, bool hitsEvilOfBob, bool hitsGoodOfBob, bool hitsOther)
    {
        using var broker = new TestBroker(3);
        ListenerGate door = broker.Listen();
        TestClient admin = broker.Connect5("admin");
        (string Id, string? User, string Address, bool IsHit)[] clients = [("evil", "bob", "192.0.2.1", hitsEvilOfBob), ("good", "bob", "192.0.2.1", hitsGoodOfBob), ("other", null, "192.0.2.2", hitsOther)];
        TestClient[] before = [.. clients.Select(c => Open(c.Id, c.User, c.Address)!)];
        Assert.All(before, client => Assert.StartsWith("CONNACK 00 00", client.Take()[0]));

        admin.Ask("ban", ban);

        Assert.Equal(clients.Select(c => c.IsHit), before.Select(client => client.IsClosed));
        Assert.All(before.Where(client => client.IsClosed), client => Assert.StartsWith("DISCONNECT 98", client.Take()[0]));
        foreach ((string id, string? user, string address, bool isHit) in clients)
        {
            TestClient? again = Open(id, user, address);
            if (!isHit) Assert.StartsWith("CONNACK 00 00", again!.Take()[0]);
            else Assert.True(again is null || again.Take()[0].StartsWith("CONNACK 00 8A", StringComparison.Ordinal));
        }

        TestClient? Open(string id, string? user, string address)
        {
            TestClient? client = broker.OpenFrom(door, address, ProtocolVersion.V5);
            client?.Send(V5.Connect(id, userName: user));
            return client;
        }
    }

    [Fact]
    public void Ban_Mqtt311_IsNotAuthorized()
    {
        using var broker = new TestBroker(configure: o => o with { Bans = [new Ban { ClientId = "evil", Reason = "a test" }] });
        TestClient client = broker.Open();

        client.Send(Packets.Connect(ProtocolVersion.V311, "evil"));

        client.ExpectClosed("20 02 00 05");
        Assert.Contains(broker.Log.Lines, line => line.Contains("client evil is banned: a test", StringComparison.Ordinal));
        Assert.Equal(1, broker.Statistics.RefusedByReason[RefusalReason.Banned]);
    }

    [Fact]
    public void Ban_OfAnAddress_IsClosedWithoutBeingRead()
    {
        using var broker = new TestBroker(configure: o => o with { Bans = [new Ban { Address = "2001:db8::/32" }] });
        ListenerGate door = broker.Listen();

        Assert.Null(broker.OpenFrom(door, "2001:db8:ffff::1"));
        Assert.NotNull(broker.OpenFrom(door, "2001:db9::1"));
    }

    [Fact]
    public void Ban_WithAnEnd_EndsThen()
    {
        using var broker = new TestBroker();
        TestClient admin = broker.Connect5("admin");
        admin.Ask("ban", "{\"clientId\":\"c\",\"seconds\":60,\"reason\":\"cool down\"}");
        JsonNode ban = Assert.Single(admin.AskAll("bans", "bans"));
        Assert.Equal(("c", "cool down", "admin", "administrator"), ((string)ban["clientId"]!, (string)ban["reason"]!, (string)ban["by"]!, (string)ban["origin"]!));

        broker.Advance(TimeSpan.FromSeconds(59));
        TestClient early = broker.Open();
        early.Send(Packets.Connect(ProtocolVersion.V311, "c"));
        early.ExpectClosed("20 02 00 05");
        broker.Advance(TimeSpan.FromSeconds(1));

        broker.Connect("c");
        Assert.Empty(admin.AskAll("bans", "bans"));
    }

    [Fact]
    public void Unban_LetsInAgain_ButNotWhoTheSettingsBan()
    {
        using var broker = new TestBroker(configure: o => o with { Bans = [new Ban { ClientId = "settled" }] });
        TestClient admin = broker.Connect5("admin");
        admin.Ask("ban", "{\"clientId\":\"c\"}");

        Assert.Equal("{\"removed\":1}", admin.Ask("unban", "{\"clientId\":\"c\"}").Text());
        Assert.StartsWith("There is no ban of client c.", admin.Ask("unban", "{\"clientId\":\"c\"}").Error());
        Assert.StartsWith("That ban is one of the settings", admin.Ask("unban", "{\"clientId\":\"settled\"}").Error());
        broker.Connect("c");
    }

    [Theory]
    [InlineData("{}", "Whom?")]
    [InlineData("{\"address\":\"nowhere\"}", "'nowhere' is neither an address nor a network")]
    [InlineData("{\"clientId\":\"\"}", "A client identifier or user name without characters")]
    [InlineData("{\"clientId\":\"c\",\"seconds\":0}", "seconds may be")]
    public void Ban_Wrong_IsAnsweredByAnError(string request, string expected)
    {
        using var broker = new TestBroker();

        Assert.StartsWith(expected, broker.Connect5("admin").Ask("ban", request).Error());
    }

    [Fact]
    public void Ban_TooLongATextOrTooMany_IsRefused()
    {
        using var broker = new TestBroker();
        TestClient admin = broker.Connect5("admin");
        BanList bans = broker.Broker.State.Door.Bans;
        bans.Restore(Enumerable.Range(0, BanList.Most).Select(i => new Ban { ClientId = $"c{i}", Until = new DateTimeOffset(2025, 1, 1, 12, 1, 0, TimeSpan.Zero) }));

        Assert.StartsWith("Names and reason together", admin.Ask("ban", $"{{\"clientId\":\"{new string('x', 2001)}\"}}").Error());
        Assert.StartsWith("There are 10000 bans already", admin.Ask("ban", "{\"clientId\":\"one-more\"}").Error());
        broker.Advance(TimeSpan.FromMinutes(1)); // they end
        admin.Ask("ban", "{\"clientId\":\"one-more\"}");
        Assert.Single(admin.AskAll("bans", "bans"));
    }

    [Fact]
    public void Bans_Reconfigured_DisconnectWhoIsThere()
    {
        using var broker = new TestBroker(3);
        TestClient client = broker.Connect5("c"), other = broker.Connect5("other");

        broker.Broker.Reconfigure(broker.Broker.State.Options with { Bans = [new Ban { ClientId = "c" }] });
        broker.Run();

        Assert.Equal((true, false), (client.IsClosed, other.IsClosed));
        broker.Broker.Reconfigure(broker.Broker.State.Options with { Bans = [] });
        broker.Run();
        broker.Connect5("c");
    }

    [Fact]
    public void Bans_ManyConnections_AreLookedAtInParts()
    {
        using var broker = new TestBroker();
        TestClient[] clients = [.. Enumerable.Range(0, 2500).Select(i => broker.Connect($"c{i}"))];
        TestClient admin = broker.Connect5("admin");

        foreach (int i in new[] { 0, 999, 1000, 1700, 2499 }) admin.Ask("ban", $"{{\"clientId\":\"c{i}\"}}");

        Assert.Equal([0, 999, 1000, 1700, 2499], Enumerable.Range(0, 2500).Where(i => clients[i].IsClosed));
    }

    [Fact]
    public void Users_MoreConnectionsThanAllowed_AreRefused()
    {
        using var broker = new TestBroker(3, o => o with { Connections = new ConnectLimits { MaximumPerUser = 2 } });
        TestClient first = Open("a", ProtocolVersion.V5), second = Open("b", ProtocolVersion.V5);

        Assert.StartsWith("CONNACK 00 97", Open("c", ProtocolVersion.V5).Take()[0]);
        Open("d", ProtocolVersion.V311).ExpectClosed("20 02 00 03");
        TestClient again = Open("a", ProtocolVersion.V5); // takes over, so there are no more
        Assert.StartsWith("CONNACK 00 00", again.Take()[0]);
        Assert.True(first.IsClosed);
        second.Reset();
        Assert.StartsWith("CONNACK 00 00", Open("c", ProtocolVersion.V5).Take()[0]);
        Assert.Equal(2, broker.Statistics.RefusedByReason[RefusalReason.User]);

        TestClient Open(string id, ProtocolVersion version)
        {
            TestClient client = broker.Open(version);
            client.Send(Packets.Connect(version, broker.ClientId(id, id[0]), userName: "anna"));
            return client;
        }
    }

    [Fact]
    public void Clients_MoreThanAllowed_AreRefusedUntilOneGoes()
    {
        using var broker = new TestBroker(3, o => o with { Connections = new ConnectLimits { MaximumClients = 2 } });
        TestClient first = broker.Connect5(broker.ClientId("a", 0)), second = broker.Connect5(broker.ClientId("b", 1));

        TestClient third = broker.Open5(), old = broker.Open();
        third.Send(V5.Connect(broker.ClientId("c", 2)));
        Assert.StartsWith("CONNACK 00 97", third.Take()[0]);
        old.Send(Packets.Connect(ProtocolVersion.V311, "d"));
        old.ExpectClosed("20 02 00 03");
        broker.Connect5(broker.ClientId("a", 0)); // takes over, so there are no more
        Assert.True(first.IsClosed);
        second.Reset();

        broker.Connect5(broker.ClientId("c", 2));
        Assert.Equal(2, broker.Statistics.RefusedByReason[RefusalReason.Clients]);
        Assert.Equal(2, broker.Statistics.ClientsConnected);
    }

    [Fact]
    public void Flapping_TooManyConnects_RefusedForAWhile()
    {
        using var broker = new TestBroker(configure: o => o with { Connections = new ConnectLimits { FlappingConnects = 3, FlappingWindow = TimeSpan.FromSeconds(10), FlappingBan = TimeSpan.FromSeconds(30) } });
        TestClient admin = broker.Connect5("admin");
        for (int i = 0; i < 3; i++) broker.Connect5("c").Reset();

        TestClient client = broker.Open5();
        client.Send(V5.Connect("c"));
        Assert.StartsWith("CONNACK 00 9F", client.Take()[0]);
        TestClient old = broker.Open();
        old.Send(Packets.Connect(ProtocolVersion.V311, "c"));
        old.ExpectClosed("20 02 00 03");
        broker.Connect5("other");
        Assert.Equal("flapping", (string)Assert.Single(admin.AskAll("bans", "bans"))["origin"]!);
        broker.Advance(TimeSpan.FromSeconds(30));

        broker.Connect5("c");
        Assert.Equal(2, broker.Statistics.RefusedByReason[RefusalReason.Flapping]);
    }

    [Fact]
    public void Flapping_SlowEnoughOrSomebodyElse_IsNotRefused()
    {
        using var broker = new TestBroker(configure: o => o with { Connections = new ConnectLimits { FlappingConnects = 2, FlappingWindow = TimeSpan.FromSeconds(10) } });
        ListenerGate door = broker.Listen();
        for (int i = 0; i < 6; i++)
        {
            broker.Connect5("c").Reset();
            broker.Advance(TimeSpan.FromSeconds(6));
        }
        for (int i = 0; i < 5; i++) // from elsewhere: they get themselves refused, and not the one here
        {
            TestClient stranger = broker.OpenFrom(door, "192.0.2.1")!;
            stranger.Send(Packets.Connect(ProtocolVersion.V311, "c"));
            stranger.Reset();
        }

        broker.Connect5("c");
    }

    [Fact]
    public void Flapping_Unban_LetsInAgain()
    {
        using var broker = new TestBroker(configure: o => o with { Connections = new ConnectLimits { FlappingConnects = 1 } });
        TestClient admin = broker.Connect5("admin");
        broker.Connect5("c").Reset();
        broker.Open5().Send(V5.Connect("c"));

        admin.Ask("unban", "{\"clientId\":\"c\"}");

        broker.Connect5("c");
    }

    [Fact]
    public void FlappingTable_NamesWithoutEnd_IsBounded()
    {
        var table = new FlappingTable();
        var limits = new ConnectLimits { FlappingConnects = 1 };
        DateTimeOffset now = DateTimeOffset.UnixEpoch;
        string name = new('x', 60_000);

        for (int i = 0; i < 40; i++)
        {
            table.IsRefused($"{name}{i}", name, IPAddress.Loopback, limits, now);
            Assert.True(table.IsRefused($"{name}{i}", name, IPAddress.Loopback, limits, now));
        }

        Assert.All(table.Bans(now), ban => Assert.InRange(ban.ClientId!.Length + ban.UserName!.Length, 2, 128));
        for (int i = 0; i < 50_000; i++) table.IsRefused($"{i}", null, null, limits, now);
        Assert.InRange(table.Count, 1, 32_768);
    }
}
