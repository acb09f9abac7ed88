// $CONTROL/godwit/v1/COMMAND: who may ask, and how an answer comes.
using System.Text.Json.Nodes;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Broker.Sessions;
using Godwit.Conformance.Tests.Mqtt5;

namespace Godwit.Conformance.Tests.Control;

public class ControlChannelTests
{
    private const string Losses = "$CONTROL/godwit/v1/losses";

    [Fact]
    public void Request_WithResponseTopic_IsAnsweredThereWithItsCorrelationData()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("admin");

        client.Publish(Losses, "", QoS.AtLeastOnce, 7, properties: V5.Text(8, "my/answers") + " 09 00 02 AB CD");

        Assert.Equal(["PUBACK m7", $"PUBLISH my/answers={{\"losses\":[]}} q0 {V5.Shown("09 00 02 AB CD 01 01")}"], client.Take().Order());
    }

    [Theory]
    [Loops]
    public void Request_Subscribers_SeeNeitherItNorTheAnswer(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient admin = broker.Connect5(broker.ClientId("admin", 1)), spy = broker.Connect5(broker.ClientId("spy", 2));
        spy.Send(V5.Subscribe(1, ("#", 0), ("$CONTROL/#", 0), ($"{Losses}/+", 0)));
        spy.Take();

        Assert.Equal("{\"losses\":[]}", admin.Ask("losses").Text());
        admin.Publish(Losses, "", retain: true);
        admin.Publish("$CONTROL/other/v1", "");

        spy.ExpectNothing();
        Assert.Equal(0, broker.Statistics.RetainedMessages);
    }

    [Fact]
    public void Request_Mqtt311_IsAnsweredBelowItsTopic()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("old");

        client.Publish(Losses, "{}");

        client.ExpectPackets($"PUBLISH {Losses}/response={{\"losses\":[]}} q0");
    }

    [Theory]
    [InlineData("losses", "{", "The request is not understood: ")]
    [InlineData("losses", "{\"reasn\":\"expired\"}", "The request is not understood: ")]
    [InlineData("losses", "{\"reason\":\"bad-luck\"}", "There is no reason 'bad-luck'.")]
    [InlineData("losses", "{\"limit\":0}", "limit may be 1 to 1000.")]
    [InlineData("losses", "{\"limit\":1001}", "limit may be 1 to 1000.")]
    [InlineData("losses", "{\"cursor\":\"x\"}", "There is no place 'x'")]
    [InlineData("losses", "{\"cursor\":\"9.0\"}", "There is no place '9.0'")]
    [InlineData("gains", "", "There is no command 'gains'")]
    public void Request_Wrong_IsAnsweredByAnError(string command, string request, string expected)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("admin");

        Assert.StartsWith(expected, client.Ask(command, request).Error());
        client.Ask("losses"); // and the connection goes on
    }

    [Fact]
    public void Request_OtherChannel_IsAnsweredByAnError()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("admin");

        client.Publish("$CONTROL/dynamic-security/v1", "{}");

        client.ExpectPacket("PUBLISH $CONTROL/dynamic-security/v1/response={\"error\":\"There is no such control channel here");
    }

    [Fact]
    public void Request_TooLarge_IsAnsweredByAnError()
    {
        using var broker = new TestBroker();

        Assert.StartsWith("The request is too large", broker.Connect5("admin").Ask("losses", new string(' ', 300_000)).Error());
    }

    [Theory]
    [InlineData("admin", true)]
    [InlineData("somebody", false)]
    [InlineData("throws", false)]
    public void Request_EmbeddersPredicate_Decides(string clientId, bool isAllowed)
    {
        using var broker = new TestBroker(configure: o => o with
        {
            IsAdministrator = client => client.ClientId == "throws" ? throw new InvalidOperationException("test") : client.ClientId == "admin",
        });
        broker.Log.ErrorsAreExpected = true;

        AssertAllowed(broker, clientId, isAllowed);
    }

    [Fact]
    public void Request_WithAnAuthenticatorButNoPredicate_IsRefused()
    {
        using var broker = new TestBroker(configure: o => o with { Authenticator = new Everybody() });

        AssertAllowed(broker, "admin", isAllowed: false);
    }

    [Fact]
    public void Request_WithAnEnhancedAuthenticatorButNoPredicate_IsRefused()
    {
        using var broker = new TestBroker(configure: o => o with { EnhancedAuthenticators = [new ScriptedMethod("M", [])] });

        AssertAllowed(broker, "admin", isAllowed: false);
    }

    [Fact]
    public void Connect_WillOnTheControlChannel_IsRefused()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open5();

        client.Send(V5.Connect("sly", will: new TestWill(Losses, "{}")));

        client.ExpectRefused(ReasonCode.TopicNameInvalid);
    }

    [Theory]
    [Loops]
    public void Losses_ManyEntries_ComeInPagesThatFitTheClient(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0));
        foreach (int i in Enumerable.Range(0, 3))
        {
            TestClient away = broker.Connect(broker.ClientId($"away{i}-", i), cleanSession: false);
            away.Subscribe("#");
            away.Disconnect();
        }
        for (int i = 0; i < 50; i++) publisher.Publish($"topic/{i}", "x");
        TestClient admin = broker.Connect5(broker.ClientId("admin", 0), properties: "27 00 00 04 00"); // packets of at most 1024 bytes

        List<JsonNode> losses = admin.AskAll("losses", "losses");

        Assert.Equal(150, losses.Count);
        Assert.Equal(150, losses.Select(loss => (loss["client"]!.Text(), loss["topicPrefix"]!.Text())).Distinct().Count());
        Assert.Equal(50, admin.AskAll("losses", "losses", $$"""{"clientId":"{{broker.ClientId("away1-", 1)}}","limit":7}""").Count);
        Assert.Empty(admin.AskAll("losses", "losses", """{"reason":"expired"}"""));
        Assert.Equal(0, broker.Statistics.DroppedByReason[DropReason.PacketTooLarge]);
    }

    [Fact]
    public void Losses_Entry_HasEverythingTheLedgerKnows()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect("publisher"), away = broker.Connect("away", cleanSession: false), admin = broker.Connect5("admin");
        away.Subscribe("#");
        away.Disconnect();

        publisher.Publish("a/b/c", "12345", QoS.AtLeastOnce, 1);

        const string Noon = "2025-01-01T12:00:00+00:00";
        Assert.Equal(
            $$"""{"losses":[{"client":"away","topicPrefix":"a/b","reason":"offline","count":1,"bytes":5,"firstAt":"{{Noon}}","lastAt":"{{Noon}}","samples":[{{Sample(Noon)}}]}]}""",
            admin.Ask("losses").Text());
    }

    [Fact]
    public void Losses_EntryThatDoesNotFit_IsAnError()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect("publisher"), away = broker.Connect("away", cleanSession: false);
        away.Subscribe("#");
        away.Disconnect();
        publisher.Publish("a/b/c", "12345");

        TestClient admin = broker.Connect5("admin", properties: "27 00 00 01 00");

        Assert.Contains("does not fit into your Maximum Packet Size", admin.Ask("losses").Error(), StringComparison.Ordinal);
    }

    private static string Sample(string at) => $$"""{"topic":"a/b/c","size":5,"qos":0,"publisher":"publisher","at":"{{at}}"}""";

    private static void AssertAllowed(TestBroker broker, string clientId, bool isAllowed)
    {
        TestClient client = broker.Connect5(clientId);
        client.Publish(Losses, "", QoS.AtLeastOnce, 1);
        List<string> packets = client.Take();
        Assert.StartsWith(isAllowed ? "PUBACK m1" : $"PUBACK m1 {(byte)ReasonCode.NotAuthorized:X2}", packets[0]);
        Assert.Equal(isAllowed ? 2 : 1, packets.Count);
        Assert.Equal(isAllowed ? 0 : 1, broker.Statistics.DroppedByReason[DropReason.NotAuthorized]);
    }

    private sealed class Everybody : IAuthenticator
    {
        public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken) => new(AuthenticationResult.Success);
    }
}
