// Who may connect and what a refusal says: sections 3.1.2.8, 3.1.2.9, 3.1.4 and 3.2.2.3.
using Godwit.Broker.Auth;

namespace Godwit.Conformance.Tests.Mqtt311;

public class CredentialsTests
{
    private static readonly byte[] Connect = Packets.Connect(ProtocolVersion.V311, "client", userName: "user", password: [0, 0xFF, 1]);

    [Fact]
    [Statement("MQTT-3.1.3-1", "3.1.1")]
    [Statement("MQTT-3.1.2-18", "3.1.1")]
    [Statement("MQTT-3.1.2-19", "3.1.1")]
    [Statement("MQTT-3.1.2-20", "3.1.1")]
    [Statement("MQTT-3.1.2-21", "3.1.1")]
    public void CONNECT_UserNameAndPassword_ReachTheAuthenticator()
    {
        var decisions = new Decisions();
        using var broker = new TestBroker(configure: o => o with { Authenticator = decisions });

        broker.Open().Send(Connect);
        broker.Open().Send(Packets.Connect(ProtocolVersion.V311, "second", userName: "user"));
        broker.Open().Send(Packets.Connect(ProtocolVersion.V311, "third", will: new TestWill("w", "x")));

        Assert.Equal(("client", "user"), (decisions.Asked[0].ClientId, decisions.Asked[0].UserName));
        Assert.Equal([0, 0xFF, 1], decisions.Asked[0].Password!.Value.ToArray());
        Assert.Equal(("second", "user", null), (decisions.Asked[1].ClientId, decisions.Asked[1].UserName, decisions.Asked[1].Password));
        Assert.Equal(("third", null, null), (decisions.Asked[2].ClientId, decisions.Asked[2].UserName, decisions.Asked[2].Password));
    }

    [Theory]
    [InlineData(ReasonCode.ClientIdentifierNotValid, "02")]
    [InlineData(ReasonCode.ServerUnavailable, "03")]
    [InlineData(ReasonCode.BadUserNameOrPassword, "04")]
    [InlineData(ReasonCode.NotAuthorized, "05")]
    [Statement("MQTT-3.1.3-9", "3.1.1")]
    [Statement("MQTT-3.2.2-4", "3.1.1")]
    [Statement("MQTT-3.2.2-5", "3.1.1")]
    public void CONNECT_Refused_GetsTheReturnCodeAndIsClosed(ReasonCode decision, string returnCode)
    {
        var decisions = new Decisions();
        using var broker = new TestBroker(configure: o => o with { Authenticator = decisions });
        TestClient first = broker.Connect("client", cleanSession: false), second = broker.Open();
        first.Disconnect(); // there is a session, and still session present is 0 in a refusal
        decisions.Answer = new AuthenticationResult(decision);

        second.Send(Packets.Connect(ProtocolVersion.V311, "client", cleanSession: false));

        second.ExpectClosed($"20 02 00 {returnCode}");
    }

    [Fact]
    [Statement("MQTT-3.2.2-6", "3.1.1")]
    public void CONNECT_RefusedForAReasonWithoutReturnCode_ClosesWithoutConnack()
    {
        using var broker = new TestBroker(configure: o => o with { RetainAvailable = false });
        TestClient client = broker.Open();

        client.Send(Packets.Connect(ProtocolVersion.V311, "client", will: new TestWill("w", "x", Retain: true)));

        client.ExpectClosed();
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.4-5", "3.1.1")]
    public void CONNECT_Refused_NothingBehindItIsProcessed(int loops)
    {
        var decisions = new Decisions();
        using var broker = new TestBroker(loops, o => o with { Authenticator = decisions });
        TestClient everything = broker.Connect("everything"), client = broker.Open();
        everything.Subscribe("#");
        decisions.Answer = AuthenticationResult.NotAuthorized;

        client.Send(Connect, Hex.Bytes("82 06 00 01 00 01 'a' 00 32 06 00 01 'a' 00 01 'x' C0 00"));

        client.ExpectClosed("20 02 00 05");
        everything.ExpectNothing();
        Assert.Equal(1, broker.Statistics.Sessions);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.4-5", "3.1.1")]
    public void CONNECT_DecidedLater_WhatIsBehindItWaits(int loops)
    {
        var decisions = new Decisions();
        using var broker = new TestBroker(loops, o => o with { Authenticator = decisions });
        TestClient everything = broker.Connect("everything"), accepted = broker.Open(), refused = broker.Open();
        everything.Subscribe("#");
        decisions.AnswersLater = true;

        accepted.Send(Packets.Connect(ProtocolVersion.V311, "accepted"), Hex.Bytes("30 04 00 01 'a' 'x' C0 00"));
        refused.Send(Packets.Connect(ProtocolVersion.V311, "refused"), Hex.Bytes("30 04 00 01 'b' 'x' C0 00"));
        accepted.ExpectOpen();
        refused.ExpectOpen();
        everything.ExpectNothing();
        decisions.Decide("accepted", AuthenticationResult.Success);
        decisions.Decide("refused", AuthenticationResult.BadUserNameOrPassword);
        broker.Run();

        accepted.Expect("20 02 00 00 D0 00");
        refused.ExpectClosed("20 02 00 04");
        everything.ExpectPackets("PUBLISH a=x q0");
    }

    [Theory]
    [Loops]
    public void CONNECT_ClientGoneBeforeTheDecision_LeavesNothing(int loops)
    {
        var decisions = new Decisions { AnswersLater = true };
        using var broker = new TestBroker(loops, o => o with { Authenticator = decisions });
        TestClient client = broker.Open();
        client.Send(Connect);
        client.Reset();
        broker.Advance(TimeSpan.FromSeconds(11)); // it is not read while it waits: the connect timeout finds out

        decisions.Decide("client", AuthenticationResult.Success);
        broker.Run();

        Assert.Equal((0, 0), (broker.Statistics.Sessions, broker.Statistics.ClientsConnected));
    }

    [Fact]
    [Statement("MQTT-4.8.0-2", "3.1.1")]
    public void CONNECT_AuthenticatorFails_ClosesThatConnectionOnly()
    {
        var decisions = new Decisions();
        using var broker = new TestBroker(configure: o => o with { Authenticator = decisions });
        TestClient other = broker.Connect("other"), client = broker.Open();
        decisions.AnswersLater = true;
        client.Send(Connect);
        broker.Log.ErrorsAreExpected = true;

        decisions.Fail("client");
        broker.Run();

        client.ExpectClosed();
        other.ExpectOpen();
    }

    private sealed class Decisions : IAuthenticator
    {
        private readonly Dictionary<string, TaskCompletionSource<AuthenticationResult>> _open = [];

        public AuthenticationResult Answer { get; set; } = AuthenticationResult.Success;

        public bool AnswersLater { get; set; }

        public List<ConnectingClient> Asked { get; } = [];

        public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken)
        {
            Asked.Add(client);
            if (!AnswersLater) return new(Answer);
            return new((_open[client.ClientId] = new TaskCompletionSource<AuthenticationResult>()).Task);
        }

        public void Decide(string clientId, AuthenticationResult result) => Inline(() => _open[clientId].SetResult(result));

        public void Fail(string clientId) => Inline(() => _open[clientId].SetException(new InvalidOperationException("The test wants it so.")));

        // Without a synchronization context the continuation has run when this returns.
        private static void Inline(Action action)
        {
            SynchronizationContext? context = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(null);
            action();
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
