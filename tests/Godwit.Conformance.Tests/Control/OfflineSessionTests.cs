// Which sessions go when too many clients are away, and how long new ones may last.
using Godwit.Broker;
using Godwit.Broker.Sessions;
using Godwit.Conformance.Tests.Mqtt5;

namespace Godwit.Conformance.Tests.Control;

public class OfflineSessionTests
{
    [Theory]
    [Loops]
    public void Offline_TooMany_TheOneAwayForLongestGoes(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { MaximumOfflineSessions = 3 });
        string[] ids = [.. Enumerable.Range(0, 5).Select(i => broker.ClientId($"device{i}-", i))];

        foreach (string id in ids) Visit(broker, id);

        Assert.Equal(ids[2..], ids.Where(id => broker.Session(id) is not null));
        Assert.Equal((2, 3), (broker.Statistics.SessionsRemoved, broker.Statistics.Sessions));
    }

    [Theory]
    [Loops]
    public void Offline_FloodOfNewIdentifiers_LeavesTheSessionsOfThoseWhoComeBack(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { MaximumOfflineSessions = 4 });
        string[] devices = [.. Enumerable.Range(0, 3).Select(i => broker.ClientId($"device{i}-", i))];
        foreach (string id in devices.Concat(devices)) Visit(broker, id);

        for (int i = 0; i < 20; i++) Visit(broker, $"random{i}");

        Assert.All(devices, id => Assert.Equal(2, broker.Session(id)!.Connects));
        Assert.NotNull(broker.Session("random19"));
        Assert.Equal((19, 4), (broker.Statistics.SessionsRemoved, broker.Statistics.Sessions));
    }

    [Theory]
    [Loops]
    public void Offline_AllHaveComeBack_TheOneAwayForLongestGoes(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { MaximumOfflineSessions = 2 });
        string[] ids = [.. Enumerable.Range(0, 2).Select(i => broker.ClientId($"device{i}-", i))];
        foreach (string id in ids.Concat(ids)) Visit(broker, id);
        TestClient third = broker.Connect(broker.ClientId("third", 2), cleanSession: false);
        broker.Connect(broker.ClientId("third", 2), cleanSession: false, sessionPresent: true); // takes over, and so comes back
        Assert.True(third.IsClosed);
        Visit(broker, broker.ClientId("third", 2), sessionPresent: true);

        Assert.Null(broker.Session(ids[0]));
        Assert.NotNull(broker.Session(ids[1]));
    }

    [Fact]
    public void Offline_TakeOverAtTheLimit_RemovesNobody()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumOfflineSessions = 1 });
        Visit(broker, "away");
        broker.Connect("here", cleanSession: false);

        broker.Connect("here", cleanSession: false, sessionPresent: true);

        Assert.Equal((0, 2), (broker.Statistics.SessionsRemoved, broker.Statistics.Sessions));
    }

    [Fact]
    public void Offline_Removed_CountsWhatWaitedPublishesTheWillAndTellsOnceAMinute()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumOfflineSessions = 1 });
        TestClient publisher = broker.Connect5("publisher");
        publisher.Subscribe("will");
        TestClient away = broker.Connect5("away", V5.Hour, will: new TestWill("will", "gone", Properties: "18 00 00 00 3C"));
        away.Subscribe("a", QoS.AtLeastOnce);
        away.Reset();
        publisher.Publish("a", "x", QoS.AtLeastOnce, 1);
        publisher.Take();

        for (int i = 0; i < 3; i++) Visit(broker, $"other{i}");
        int before = broker.Log.Lines.Count;
        broker.Advance(TimeSpan.FromMinutes(2));

        publisher.ExpectPackets("PUBLISH will=gone q0");
        Assert.Equal(1, broker.Statistics.DroppedByReason[DropReason.SessionRemoved]);
        Assert.Equal(
            [
                "Lost in 60 seconds: 1 messages, session-removed (too many clients were away, and the session had to go). 1 clients, most of them away: 1, below 'a'.",
                "Removed in 60 seconds: 3 sessions. More than 1 clients were away (--max-offline-sessions).",
            ],
            broker.Log.Lines.Skip(before));
    }

    [Fact]
    public void Offline_LimitZero_KeepsNone()
    {
        using var broker = new TestBroker(3, o => o with { MaximumOfflineSessions = 0 });
        for (int i = 0; i < 5; i++) broker.Connect(broker.ClientId($"device{i}-", i), cleanSession: false).Disconnect();

        Assert.Equal((5, 0), (broker.Statistics.SessionsRemoved, broker.Statistics.Sessions));
    }

    [Fact]
    public void NewSession_LongExpiry_IsShortenedUntilTheClientComesBack()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumNewSessionExpiry = 60, MaximumSessionExpiry = 1800 });
        TestClient first = broker.Open5();
        first.Send(V5.Connect("device", V5.Hour, cleanStart: false));
        first.ExpectPackets($"CONNACK 00 00 {V5.Shown($"11 00 00 00 3C {V5.Announced}")}"); // told: a minute
        first.Send(V5.Disconnect(ReasonCode.Success, V5.Hour)); // and does not get more in this way
        broker.Advance(TimeSpan.FromSeconds(59));
        TestClient second = broker.Open5();
        second.Send(V5.Connect("device", V5.Hour, cleanStart: false));
        second.ExpectPackets($"CONNACK 01 00 {V5.Shown($"11 00 00 07 08 {V5.Announced}")}"); // half an hour
        second.Disconnect();
        broker.Advance(TimeSpan.FromSeconds(61));

        Assert.NotNull(broker.Session("device"));
        broker.Connect("other", cleanSession: false).Disconnect();
        broker.Advance(TimeSpan.FromSeconds(61));
        Assert.Null(broker.Session("other"));
    }

    // Comes, goes, and time passes.
    private static void Visit(TestBroker broker, string id, bool? sessionPresent = null)
    {
        broker.Connect(id, cleanSession: false, sessionPresent: sessionPresent ?? broker.Session(id) is not null).Disconnect();
        broker.Advance(TimeSpan.FromSeconds(1));
    }
}
