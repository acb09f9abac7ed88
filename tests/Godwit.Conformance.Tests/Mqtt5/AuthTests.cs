// Sections 3.15 and 4.12: AUTH and enhanced authentication.
using Godwit.Broker.Auth;
using static Godwit.Conformance.Tests.Mqtt5.ScriptedMethod;

namespace Godwit.Conformance.Tests.Mqtt5;

public class AuthTests
{
    private readonly ScriptedMethod _method = new("M", new Dictionary<string, EnhancedAuthenticationStep>
    {
        ["hello"] = Step(ReasonCode.ContinueAuthentication, "who?"),
        ["me"] = Step(ReasonCode.ContinueAuthentication, "sure?", "Please say it again"),
        ["yes"] = Step(ReasonCode.Success, "fine"),
        ["at once"] = Step(ReasonCode.Success),
    });

    [Theory]
    [Statement("MQTT-4.12.0-2", "5.0")]
    [Statement("MQTT-4.12.0-3", "5.0")]
    [Statement("MQTT-4.12.0-5", "5.0")]
    [Statement("MQTT-3.2.0-1", "5.0")]
    [Loops]
    public void CONNECT_SeveralSteps_SucceedsWithDataInConnack(int loops)
    {
        using TestBroker broker = Broker(loops);
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Method("M", "hello") + "17 00")); // no problem information
        client.Expect(Hex.Text(V5.Auth(ReasonCode.ContinueAuthentication, "M", "who?")));
        client.Send(V5.Auth(ReasonCode.ContinueAuthentication, "M", "me"));
        client.Expect(Hex.Text(V5.Auth(ReasonCode.ContinueAuthentication, "M", "sure?")));
        client.Send(V5.Auth(ReasonCode.ContinueAuthentication, "M", "yes"), V5.Subscribe(1, ("a", 0)));
        client.ExpectPackets($"CONNACK 00 00 {V5.Shown(V5.Announced + V5.Method("M", "fine"))}", "SUBACK m1 00 00");
    }

    [Theory]
    [Statement("MQTT-3.1.2-29", "5.0")]
    [Statement("MQTT-3.15.2-2", "5.0")]
    [Statement("MQTT-3.15.2-3", "5.0")]
    [InlineData("", true)]
    [InlineData("17 00", false)] // not requested
    [InlineData("27 00 00 00 16", false)] // does not fit
    public void AUTH_ReasonString_OnlyIfWantedAndIfItFits(string properties, bool isSent)
    {
        using TestBroker broker = Broker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Method("M", "me") + properties));
        Assert.Equal(isSent, client.Received.AsSpan().IndexOf("Please say it again"u8) >= 0);
        client.ExpectPacket("AUTH 18");
    }

    [Fact]
    [Statement("MQTT-3.1.2-24", "5.0")]
    public void AUTH_DoesNotFit_RefusesTheClient()
    {
        using TestBroker broker = Broker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Method("M", "me") + "27 00 00 00 0F"));
        client.ExpectClosed("20 03  00 95  00");
    }

    [Fact]
    [Statement("MQTT-4.12.0-5", "5.0")]
    public void CONNECT_OneStep_Succeeds()
    {
        using TestBroker broker = Broker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Method("M", "at once")));
        client.ExpectPackets($"CONNACK 00 00 {V5.Shown(V5.Announced + V5.Method("M"))}");
    }

    [Theory]
    [Statement("MQTT-4.12.0-4", "5.0")]
    [Statement("MQTT-3.1.4-6", "5.0")]
    [InlineData(true)]
    [InlineData(false)]
    public void CONNECT_WrongData_IsRefused87(bool atFirst)
    {
        using TestBroker broker = Broker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Method("M", atFirst ? "wrong" : "hello")));
        if (!atFirst)
        {
            client.ExpectPacket("AUTH 18");
            client.Send(V5.Auth(ReasonCode.ContinueAuthentication, "M", "wrong"), Packets.Pingreq);
        }
        client.ExpectRefused(ReasonCode.NotAuthorized);
        Assert.Null(broker.Session("c"));
    }

    [Fact]
    [Statement("MQTT-4.12.0-1", "5.0")]
    public void CONNECT_UnknownMethod_IsRefused8C()
    {
        using TestBroker broker = Broker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Method("N", "hello")));
        client.ExpectRefused(ReasonCode.BadAuthenticationMethod);
    }

    [Theory]
    [Statement("MQTT-4.12.0-3", "5.0")]
    [Statement("MQTT-4.12.0-5", "5.0")]
    [Statement("MQTT-3.1.2-30", "5.0")]
    [InlineData("F0 06  18 04  15 00 01 'N'")] // another method
    [InlineData("F0 06  19 04  15 00 01 'M'")] // re-authenticate
    [InlineData("F0 00")] // success
    [InlineData("C0 00")]
    [InlineData("30 04  00 01 'a'  00")]
    [InlineData("10 0E  00 04 'MQTT'  05 02  00 00  00  00 01 'c'")]
    public void AnyPacket_WhileAuthenticatingButTheAuthAwaited_IsRefused82(string hex)
    {
        using TestBroker broker = Broker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Method("M", "hello")));
        client.ExpectPacket("AUTH 18");
        client.Send(hex);
        client.ExpectRefused(ReasonCode.ProtocolError);
    }

    [Fact]
    [Statement("MQTT-3.1.2-30", "5.0")]
    [Statement("MQTT-3.14.0-1", "5.0")]
    public void DISCONNECT_WhileAuthenticating_Closes()
    {
        using TestBroker broker = Broker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Method("M", "hello"), will: new TestWill("w", "")));
        client.ExpectPacket("AUTH 18");
        client.Send("E0 00");
        client.ExpectClosed();
    }

    [Fact]
    public void CONNECT_ClientDoesNotGoOn_IsClosedInTime()
    {
        using TestBroker broker = Broker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Method("M", "hello")));
        client.ExpectPacket("AUTH 18");
        broker.Advance(TimeSpan.FromSeconds(10));
        client.ExpectClosed();
    }

    [Theory]
    [Statement("MQTT-3.15.1-1", "5.0")]
    [Statement("MQTT-3.15.2-1", "5.0")]
    [InlineData("F2 00", ReasonCode.MalformedPacket)] // flags
    [InlineData("F0 06  80 04  15 00 01 'M'", ReasonCode.ProtocolError)] // reason code
    [InlineData("F0 02  19 00", ReasonCode.ProtocolError)] // no method
    public void AUTH_Wrong_Disconnects(string hex, ReasonCode code)
    {
        using TestBroker broker = Broker();
        TestClient client = Authenticated(broker);
        client.Send(hex);
        client.ExpectDisconnect(code);
    }

    [Theory]
    [Statement("MQTT-4.12.0-6", "5.0")]
    [Statement("MQTT-4.12.0-7", "5.0")]
    [InlineData("F0 06  19 04  15 00 01 'M'")]
    [InlineData("F0 06  18 04  15 00 01 'M'")]
    [InlineData("F0 00")]
    public void AUTH_WithoutMethodInConnect_Disconnects82(string hex)
    {
        using TestBroker broker = Broker();
        TestClient client = broker.Connect5("c"); // CONNACK is checked to be the plain one elsewhere
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.ProtocolError);
        Assert.Equal(0, _method.Begun);
    }

    [Theory]
    [Statement("MQTT-4.12.1-1", "5.0")]
    [Statement("MQTT-4.12.0-5", "5.0")]
    [Loops]
    public void AUTH_ReAuthenticate_GoesOnBesideOtherTraffic(int loops)
    {
        using TestBroker broker = Broker(loops);
        TestClient client = Authenticated(broker), publisher = broker.Connect5(broker.ClientId("p", 1));
        client.Subscribe("a");
        for (int i = 0; i < 2; i++)
        {
            client.Send(V5.Auth(ReasonCode.ReAuthenticate, "M", "hello"));
            client.Expect(Hex.Text(V5.Auth(ReasonCode.ContinueAuthentication, "M", "who?")));
            publisher.Publish("a", "1");
            client.Publish("a", "2", QoS.AtLeastOnce, 1);
            client.ExpectPackets("PUBLISH a=1 q0", "PUBLISH a=2 q0", "PUBACK m1");
            client.Send(V5.Auth(ReasonCode.ContinueAuthentication, "M", "yes"));
            client.Expect(Hex.Text(V5.Auth(ReasonCode.Success, "M", "fine")));
        }
        Assert.Equal(3, _method.Begun);
    }

    [Theory]
    [Statement("MQTT-4.12.1-2", "5.0")]
    [InlineData(true)]
    [InlineData(false)]
    public void AUTH_ReAuthenticationFails_Disconnects87(bool atFirst)
    {
        using TestBroker broker = Broker();
        TestClient client = Authenticated(broker);
        client.Send(V5.Auth(ReasonCode.ReAuthenticate, "M", atFirst ? "wrong" : "hello"));
        if (!atFirst)
        {
            client.ExpectPacket("AUTH 18");
            client.Send(V5.Auth(ReasonCode.ContinueAuthentication, "M", "wrong"));
        }
        client.ExpectDisconnect(ReasonCode.NotAuthorized);
    }

    [Theory]
    [Statement("MQTT-4.12.1-1", "5.0")]
    [Statement("MQTT-4.12.0-3", "5.0")]
    [InlineData(ReasonCode.ReAuthenticate, "N")]
    [InlineData(ReasonCode.ContinueAuthentication, "M")]
    [InlineData(ReasonCode.Success, "M")]
    public void AUTH_ReAuthenticateWithAnotherMethodOrCode_Disconnects82(ReasonCode code, string method)
    {
        using TestBroker broker = Broker();
        TestClient client = Authenticated(broker);
        client.Send(V5.Auth(code, method, "hello"));
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Fact]
    [Statement("MQTT-4.12.1-1", "5.0")]
    [Statement("MQTT-3.1.2-22", "5.0")]
    public void AUTH_ReAuthenticationTakesLong_ClientGetsMessagesAndIsNotTimedOut()
    {
        using TestBroker broker = Broker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Method("M", "at once"), keepAlive: 2));
        client.ExpectPacket("CONNACK 00 00");
        client.Subscribe("a");
        _method.Later = new Later<EnhancedAuthenticationStep>();
        client.Send(V5.Auth(ReasonCode.ReAuthenticate, "M", "x"));
        for (int i = 0; i < 5; i++)
        {
            broker.Advance(TimeSpan.FromSeconds(1));
            client.Send(Packets.Pingreq);
        }
        broker.Connect5("p").Publish("a", "1");
        client.ExpectPackets("PUBLISH a=1 q0");
        _method.Later.Give(broker, Step(ReasonCode.Success));
        client.ExpectPackets("AUTH 00 04 15 00 01 4D", "PINGRESP", "PINGRESP", "PINGRESP", "PINGRESP", "PINGRESP");
        broker.Advance(TimeSpan.FromSeconds(3));
        client.ExpectDisconnect(ReasonCode.KeepAliveTimeout);
    }

    [Theory]
    [Statement("MQTT-4.12.0-5", "5.0")]
    [InlineData(5_000)]
    [InlineData(65_535)]
    public void CONNACK_LongAuthenticationData_IsSentWhole(int length)
    {
        var method = new ScriptedMethod("M", new Dictionary<string, EnhancedAuthenticationStep> { ["x"] = Step(ReasonCode.Success, new string('~', length)) });
        using var broker = new TestBroker(configure: o => o with { EnhancedAuthenticators = [method] });
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Method("M", "x")));
        Assert.Equal(length, client.Received.Count(b => b == '~'));
    }

    private TestBroker Broker(int loops = 1) => new(loops, o => o with { EnhancedAuthenticators = [_method] });

    private static TestClient Authenticated(TestBroker broker)
    {
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Method("M", "at once")));
        client.ExpectPacket("CONNACK 00 00");
        return client;
    }
}
