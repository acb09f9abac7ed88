// What the control channel tells of sessions, and how it deletes one.
using System.Text.Json.Nodes;
using Godwit.Broker;
using Godwit.Broker.Connections;
using Godwit.Broker.Sessions;
using Godwit.Conformance.Tests.Mqtt5;

namespace Godwit.Conformance.Tests.Control;

public class SessionCommandTests
{
    [Theory]
    [Loops]
    public void Sessions_More_ThanAPage_AreAllListedOnce(int loops)
    {
        using var broker = new TestBroker(loops);
        for (int i = 0; i < 300; i++) broker.Connect($"away{i}", cleanSession: false).Disconnect();
        TestClient admin = broker.Connect5("admin", properties: "27 00 00 04 00");

        List<JsonNode> sessions = admin.AskAll("sessions", "sessions");

        Assert.Equal(301, sessions.Count);
        Assert.Equal(301, sessions.Select(Id).Distinct().Count());
        Assert.Equal(["admin"], admin.AskAll("sessions", "sessions", """{"connected":true}""").Select(Id));
        Assert.Equal(300, admin.AskAll("sessions", "sessions", """{"connected":false,"limit":7}""").Count);
    }

    [Fact]
    public void Sessions_AwaySeconds_AreThoseThatAreAwayForSoLong()
    {
        using var broker = new TestBroker();
        TestClient admin = broker.Connect5("admin");
        broker.Connect("longer", cleanSession: false).Disconnect();
        broker.Advance(TimeSpan.FromSeconds(10));
        broker.Connect("shorter", cleanSession: false).Disconnect();
        broker.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["longer"], admin.AskAll("sessions", "sessions", """{"awaySeconds":15}""").Select(Id));
        Assert.Equal(["longer", "shorter"], admin.AskAll("sessions", "sessions", """{"awaySeconds":5}""").Select(Id).Order());
        Assert.Empty(admin.AskAll("sessions", "sessions", """{"awaySeconds":16}"""));
        Assert.StartsWith("awaySeconds may be", admin.Ask("sessions", """{"awaySeconds":-1}""").Error());
    }

    [Theory]
    [Loops]
    public void Session_Details_HaveQueueAndHistory(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("device", 1), admin = broker.ClientId("admin", 0);
        TestClient publisher = broker.Connect("publisher"), device = broker.Connect5(id, V5.Hour, cleanStart: false);
        device.Subscribe("a/#", QoS.AtLeastOnce);
        device.Disconnect();
        broker.Advance(TimeSpan.FromSeconds(5));
        broker.Resume5(id).Reset();
        for (ushort i = 1; i <= 12; i++) publisher.Publish($"a/{i}", "12345", QoS.AtLeastOnce, i);
        broker.Advance(TimeSpan.FromSeconds(5));

        JsonNode details = broker.Connect5(admin).Ask("session", $$"""{"clientId":"{{id}}"}""");

        Assert.InRange((long)details["session"]!["queuedBytes"]!, 12 * 5, 12 * 200); // a queue in a store counts otherwise than one in memory
        details["session"]!.AsObject().Remove("queuedBytes");
        Assert.Equal(
            $$"""{"clientId":"{{id}}","connected":false,"since":"2025-01-01T12:00:05+00:00","connects":2,"expiryInterval":3600,"subscriptions":1,"inFlight":0,"queued":12,"lost":0}""",
            details["session"]!.Text());
        Assert.Equal(10, details["waiting"]!.AsArray().Count);
        Assert.Equal("""{"topic":"a/1","size":5,"qos":1,"publisher":"publisher"}""", details["waiting"]![0]!.Text());
        Assert.Equal(
            """[{"connectedAt":"2025-01-01T12:00:05+00:00","endedAt":"2025-01-01T12:00:05+00:00","reason":"connection-lost"},"""
            + """{"connectedAt":"2025-01-01T12:00:00+00:00","endedAt":"2025-01-01T12:00:00+00:00","reason":"client-disconnected"}]""",
            details["history"]!.Text());
    }

    [Fact]
    public void Subscriptions_ManyOfThem_ComeInPages()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("admin", properties: "27 00 00 02 00");
        for (ushort i = 0; i < 50; i++) client.Subscribe($"a/{i}", QoS.AtLeastOnce);

        List<JsonNode> subscriptions = client.AskAll("subscriptions", "subscriptions", """{"clientId":"admin"}""");

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $$"""{"filter":"a/{{i}}","qos":1}""").Order(), subscriptions.Select(s => s.Text()).Order());
        Assert.StartsWith("There is no place", client.Ask("subscriptions", """{"clientId":"admin","cursor":"1.0"}""").Error());
    }

    [Theory]
    [InlineData("session")]
    [InlineData("subscriptions")]
    [InlineData("delete-session")]
    public void OneSession_NotThereOrNotNamed_IsAnError(string command)
    {
        using var broker = new TestBroker(3);
        TestClient admin = broker.Connect5("admin");

        Assert.Equal("There is no session 'x'.", admin.Ask(command, """{"clientId":"x"}""").Error());
        Assert.StartsWith("clientId is missing", admin.Ask(command).Error());
    }

    [Theory]
    [Loops]
    public void DeleteSession_Connected_EndsConnectionAndSession(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("device", 1);
        TestClient admin = broker.Connect5(broker.ClientId("admin", 0)), watcher = broker.Connect(broker.ClientId("watcher", 2));
        TestClient device = broker.Connect5(id, V5.Hour, will: new TestWill("will", "gone", Properties: "18 00 00 00 3C"));
        watcher.Subscribe("will");

        Assert.Equal($$"""{"deleted":"{{id}}"}""", admin.Ask("delete-session", $$"""{"clientId":"{{id}}"}""").Text());

        device.ExpectDisconnect(ReasonCode.AdministrativeAction);
        watcher.ExpectPackets("PUBLISH will=gone q0");
        Assert.Null(broker.Session(id));
        Assert.Contains(broker.Log.Lines, line => line.StartsWith($"Session {id} deleted by admin", StringComparison.Ordinal));
    }

    [Fact]
    public void DeleteSession_Away_CountsWhatWaited()
    {
        using var broker = new TestBroker();
        TestClient admin = broker.Connect5("admin"), away = broker.Connect("away", cleanSession: false);
        away.Subscribe("a", QoS.AtLeastOnce);
        away.Disconnect();
        admin.Publish("a", "x", QoS.AtLeastOnce, 1);
        admin.Take();

        admin.Ask("delete-session", """{"clientId":"away"}""");

        Assert.Null(broker.Session("away"));
        Assert.Equal(1, broker.Statistics.DroppedByReason[DropReason.SessionDeleted]);
        broker.Connect("away", cleanSession: false);
    }

    [Fact]
    public void DeleteSession_OnesOwn_EndsTheConnection()
    {
        using var broker = new TestBroker();
        TestClient admin = broker.Connect5("admin");

        admin.Publish("$CONTROL/godwit/v1/delete-session", """{"clientId":"admin"}""");

        admin.ExpectDisconnect(ReasonCode.AdministrativeAction);
        broker.ExpectAlive();
    }

    [Fact]
    public void History_MoreThanIsKept_ForgetsTheOldest()
    {
        var ended = new EndedConnections();
        for (int i = 0; i < EndedConnections.Most + 5; i++) ended.Add($"client{i % 100}", i, i + 1, EndReason.ClientClosed);

        Assert.Equal([4099L, 3999L, 3899L], Find("client99", 3));
        Assert.Equal(104L, Find("client4", 1000)[^1]); // 4 is too long ago
        Assert.Equal(5L, Find("client5", 1000)[^1]);
        Assert.Empty(Find("somebody", 10));

        List<long> Find(string id, int most) => [.. ended.Find(id, most, moment => DateTimeOffset.UnixEpoch.AddMilliseconds(moment)).Select(e => e.ConnectedAt.ToUnixTimeMilliseconds())];
    }

    private static string Id(JsonNode session) => (string)session["clientId"]!;
}
