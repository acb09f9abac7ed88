// Sections 3.1.3.1 and 3.1.4: client identifiers, take-over, and what a server does with a CONNECT.
using Godwit.Broker.Auth;

namespace Godwit.Conformance.Tests.Mqtt5;

public class ConnectActionsTests
{
    [Theory]
    [Statement("MQTT-3.1.3-5", "5.0")]
    [Statement("MQTT-3.1.4-5", "5.0")]
    [InlineData("0")]
    [InlineData("0123456789abcdefghijklm")]
    [InlineData("nopqrstuvwxyzABCDEFGHIJ")]
    [InlineData("KLMNOPQRSTUVWXYZ")]
    public void CONNECT_PlainClientIdentifier_IsAccepted(string clientId)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect(clientId));
        client.ExpectPackets($"CONNACK 00 00 {V5.Shown(V5.Announced)}");
        Assert.NotNull(broker.Session(clientId));
    }

    [Theory]
    [Statement("MQTT-3.1.3-6", "5.0")]
    [Statement("MQTT-3.1.3-7", "5.0")]
    [Statement("MQTT-3.2.2-16", "5.0")]
    [InlineData(true)]
    [InlineData(false)]
    public void CONNECT_EmptyClientIdentifier_IsAssignedOneThatWorks(bool cleanStart)
    {
        using var broker = new TestBroker(configure: o => o with { AssignedClientIdPrefix = "x-" });
        string first = AssignedTo(broker, cleanStart, out TestClient client), second = AssignedTo(broker, cleanStart, out _);
        Assert.NotEqual(first, second);
        Assert.NotNull(broker.Session(first));
        client.Subscribe("a");
        client.Reset();
        broker.Resume5(first);
    }

    [Fact]
    [Statement("MQTT-3.1.3-8", "5.0")]
    public void CONNECT_EmptyClientIdentifierNotAllowed_IsRefused85()
    {
        using var broker = new TestBroker(configure: o => o with { AllowEmptyClientId = false });
        TestClient client = broker.Open5();
        client.Send(V5.Connect(""));
        client.ExpectRefused(ReasonCode.ClientIdentifierNotValid);
    }

    [Theory]
    [Statement("MQTT-3.1.4-2", "5.0")]
    [Statement("MQTT-3.1.4-6", "5.0")]
    [Statement("MQTT-3.2.2-7", "5.0")]
    [Statement("MQTT-3.14.0-1", "5.0")]
    [InlineData(ReasonCode.BadUserNameOrPassword)]
    [InlineData(ReasonCode.NotAuthorized)]
    [InlineData(ReasonCode.Banned)]
    [InlineData(ReasonCode.ServerBusy)]
    public void CONNECT_RefusedByAuthenticator_GetsItsCodeAndNothingBehindIsProcessed(ReasonCode code)
    {
        using var broker = new TestBroker(configure: o => o with { Authenticator = new OnlyKnown("watcher", code) });
        TestClient watcher = broker.Connect5("watcher");
        watcher.Subscribe("#");
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c"), Packets.Publish(ProtocolVersion.V5, "a", [1]), Packets.Pingreq);
        client.ExpectRefused(code);
        watcher.ExpectNothing();
        Assert.Null(broker.Session("c"));
    }

    [Fact]
    [Statement("MQTT-3.2.2-8", "5.0")]
    public void CONNECT_RefusedWithACodeThatConnackDoesNotHave_GetsUnspecifiedError()
    {
        using var broker = new TestBroker(configure: o => o with { Authenticator = new OnlyKnown("watcher", ReasonCode.SessionTakenOver) });
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c"));
        client.ExpectRefused(ReasonCode.UnspecifiedError);
    }

    [Theory]
    [Statement("MQTT-3.1.4-3", "5.0")]
    [Statement("MQTT-3.1.3-2", "5.0")]
    [Statement("MQTT-3.14.4-1", "5.0")]
    [Statement("MQTT-3.14.4-2", "5.0")]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void CONNECT_ClientIdentifierInUse_FirstGets8EAndIsClosed(int loops, bool cleanStart)
    {
        using var broker = new TestBroker(loops);
        TestClient first = broker.Connect5("c", V5.Hour);
        first.Subscribe("a", QoS.AtLeastOnce);
        TestClient second = broker.Connect5("c", V5.Hour, cleanStart, sessionPresent: !cleanStart);
        first.ExpectDisconnect(ReasonCode.SessionTakenOver);
        broker.Connect5("p").Publish("a", "x");
        if (cleanStart) second.ExpectNothing();
        else second.ExpectPackets("PUBLISH a=x q0");
        first.ExpectNothing();
    }

    [Fact]
    [Statement("MQTT-3.1.4-4", "5.0")]
    [Statement("MQTT-3.1.4-5", "5.0")]
    [Statement("MQTT-3.2.0-1", "5.0")]
    public void CONNECT_WithPacketsBehindIt_IsAnsweredFirst()
    {
        using var broker = new TestBroker(3);
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c"), V5.Subscribe(7, ("a", 0)), Packets.Publish(ProtocolVersion.V5, "a", [(byte)'x']), Packets.Pingreq);
        client.ExpectPackets($"CONNACK 00 00 {V5.Shown(V5.Announced)}", "SUBACK m7 00 00", "PUBLISH a=x q0", "PINGRESP");
    }

    [Fact]
    public void CONNECT_NeverComplete_IsClosedInTime()
    {
        using var broker = new TestBroker(configure: o => o with { ConnectTimeout = TimeSpan.FromSeconds(5) });
        TestClient client = broker.Open5();
        client.Send("10 0E  00 04");
        broker.Advance(TimeSpan.FromSeconds(4));
        client.ExpectOpen();
        broker.Advance(TimeSpan.FromSeconds(1));
        client.ExpectClosed();
    }

    [Theory]
    [Statement("MQTT-4.2.0-1", "5.0")]
    [InlineData(1)]
    [InlineData(7)]
    public void AnyPacket_ArrivingInPieces_IsTheSame(int chunk)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open(ProtocolVersion.V5, chunk);
        client.Send(V5.Connect("c"), V5.Subscribe(7, ("a", 2)), Packets.Publish(ProtocolVersion.V5, "a", new byte[200], QoS.ExactlyOnce, 5));
        Assert.Equal(4, client.Take().Count);
    }

    private static string AssignedTo(TestBroker broker, bool cleanStart, out TestClient client)
    {
        client = broker.Open5();
        client.Send(V5.Connect("", V5.Hour, cleanStart));
        // 20 len flags code length  27 + 4  12 + 2 + 34
        byte[] connack = client.Received;
        Assert.Equal(0x12, connack[10]);
        client.ExpectPacket("CONNACK 00 00");
        return System.Text.Encoding.UTF8.GetString(connack.AsSpan(13, connack[12]));
    }

    private sealed class OnlyKnown(string clientId, ReasonCode otherwise) : IAuthenticator
    {
        public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken) =>
            ValueTask.FromResult(client.ClientId == clientId ? AuthenticationResult.Success : new AuthenticationResult(otherwise, "No"));
    }
}
