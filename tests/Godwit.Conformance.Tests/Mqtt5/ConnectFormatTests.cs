// Section 3.1: what a CONNECT must look like, and what becomes of one that does not.
using System.Text;
using Godwit.Broker.Auth;

namespace Godwit.Conformance.Tests.Mqtt5;

public class ConnectFormatTests
{
    [Theory]
    [Statement("MQTT-3.1.0-1", "5.0")]
    [Statement("MQTT-3.2.0-1", "5.0")]
    [Statement("MQTT-3.14.0-1", "5.0")]
    [InlineData("C0 00")]
    [InlineData("30 04  00 01 'a'  00")]
    [InlineData("E0 00")]
    [InlineData("F0 00")]
    [InlineData("20 03  00 00 00")]
    public void AnyPacket_BeforeConnect_ClosesWithoutAWord(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open5();
        client.Send(hex);
        client.ExpectClosed();
        broker.ExpectAlive();
    }

    [Fact]
    [Statement("MQTT-3.1.0-2", "5.0")]
    [Statement("MQTT-3.2.0-2", "5.0")]
    public void CONNECT_Second_Disconnects82()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(V5.Connect("c"));
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Fact]
    [Statement("MQTT-3.1.2-1", "5.0")]
    public void CONNECT_WrongProtocolName_Closes()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open5();
        client.Send("10 0E  00 04 'MQTX'  05 02  00 00  00  00 01 'c'");
        Assert.True(client.IsClosed);
        Assert.Null(broker.Session("c"));
    }

    [Fact]
    [Statement("MQTT-3.1.2-2", "5.0")]
    public void CONNECT_UnknownVersion_IsAnsweredInTheOldFormAndCloses()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open5();
        client.Send("10 0E  00 04 'MQTT'  06 02  00 00  00  00 01 'c'");
        client.ExpectClosed("20 02  00 01"); // unacceptable protocol version, in the form that every client before MQTT 5 reads
    }

    [Theory]
    [Statement("MQTT-3.1.2-3", "5.0")]
    [Statement("MQTT-3.1.2-9", "5.0")]
    [Statement("MQTT-3.1.2-11", "5.0")]
    [Statement("MQTT-3.1.2-12", "5.0")]
    [Statement("MQTT-3.1.2-13", "5.0")]
    [Statement("MQTT-3.1.2-16", "5.0")]
    [Statement("MQTT-3.1.2-17", "5.0")]
    [Statement("MQTT-3.1.2-18", "5.0")]
    [Statement("MQTT-3.1.2-19", "5.0")]
    [Statement("MQTT-3.1.4-1", "5.0")]
    [Statement("MQTT-3.2.2-7", "5.0")]
    [InlineData("10 0E  00 04 'MQTT'  05 03  00 00  00  00 01 'c'")] // reserved flag
    [InlineData("10 0E  00 04 'MQTT'  05 06  00 00  00  00 01 'c'")] // will flag without will fields
    [InlineData("10 0E  00 04 'MQTT'  05 0A  00 00  00  00 01 'c'")] // will QoS without will flag
    [InlineData("10 14  00 04 'MQTT'  05 1E  00 00  00  00 01 'c'  00  00 01 'w'  00 00")] // will QoS 3
    [InlineData("10 0E  00 04 'MQTT'  05 22  00 00  00  00 01 'c'")] // will retain without will flag
    [InlineData("10 11  00 04 'MQTT'  05 02  00 00  00  00 01 'c'  00 01 'u'")] // user name without its flag
    [InlineData("10 0E  00 04 'MQTT'  05 82  00 00  00  00 01 'c'")] // user name flag without user name
    [InlineData("10 14  00 04 'MQTT'  05 82  00 00  00  00 01 'c'  00 01 'u'  00 01 'p'")] // password without its flag
    [InlineData("10 0E  00 04 'MQTT'  05 42  00 00  00  00 01 'c'")] // password flag without password
    public void CONNECT_FieldsDoNotFitTheFlags_IsRefused81(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open5();
        client.Send(hex);
        client.ExpectRefused(ReasonCode.MalformedPacket);
        Assert.Null(broker.Session("c"));
    }

    [Theory]
    [Statement("MQTT-3.1.3-3", "5.0")]
    [Statement("MQTT-3.1.3-4", "5.0")]
    [Statement("MQTT-3.1.3-11", "5.0")]
    [Statement("MQTT-3.1.3-12", "5.0")]
    [InlineData("10 0B  00 04 'MQTT'  05 02  00 00  00")] // no client identifier
    [InlineData("10 0E  00 04 'MQTT'  05 02  00 00  00  00 01 FF")] // client identifier
    [InlineData("10 14  00 04 'MQTT'  05 06  00 00  00  00 01 'c'  00  00 01 FF  00 00")] // will topic
    [InlineData("10 11  00 04 'MQTT'  05 82  00 00  00  00 01 'c'  00 01 FF")] // user name
    public void CONNECT_StringMissingOrIllFormed_IsRefused81(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open5();
        client.Send(hex);
        client.ExpectRefused(ReasonCode.MalformedPacket);
    }

    [Theory]
    [Statement("MQTT-3.1.4-1", "5.0")]
    [Statement("MQTT-4.13.1-1", "5.0")]
    [InlineData("11 00 00 00 01 11 00 00 00 01")] // session expiry interval twice
    [InlineData("21 00 00")] // receive maximum 0
    [InlineData("27 00 00 00 00")] // maximum packet size 0
    [InlineData("19 02")] // request response information 2
    [InlineData("17 02")] // request problem information 2
    [InlineData("16 00 01 'x'")] // authentication data without method
    public void CONNECT_PropertyOutOfRange_IsRefused82(string properties)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", properties));
        client.ExpectRefused(ReasonCode.ProtocolError);
    }

    [Fact]
    [Statement("MQTT-3.1.3-1", "5.0")]
    [Statement("MQTT-3.1.2-17", "5.0")]
    [Statement("MQTT-3.1.2-19", "5.0")]
    public void CONNECT_AllFields_AreTakenInTheirOrder()
    {
        var authenticator = new RecordingAuthenticator();
        using var broker = new TestBroker(configure: o => o with { Authenticator = authenticator });
        TestClient watcher = broker.Connect5("watcher");
        watcher.Subscribe("#");
        TestClient client = broker.Open5();
        client.Send("""
            10 29  00 04 'MQTT' 05   # CONNECT
            C6  00 00                # user name, password, will, clean start
            00                       # no properties
            00 02 'id'               # client identifier
            02  01 01                # will properties: payload format indicator
            00 04 'will'  00 03 'end'
            00 04 'user'  00 04 'word'
            """);
        client.ExpectPacket("CONNACK 00 00");
        Assert.Equal(("id", "user", "word"), authenticator.Last);
        client.Reset();
        watcher.ExpectPackets($"PUBLISH will=end q0 {V5.Shown("01 01")}");
    }

    [Fact]
    [Statement("MQTT-3.1.2-16", "5.0")]
    [Statement("MQTT-3.1.2-18", "5.0")]
    public void CONNECT_PasswordWithoutUserName_IsAllowed()
    {
        var authenticator = new RecordingAuthenticator();
        using var broker = new TestBroker(configure: o => o with { Authenticator = authenticator });
        TestClient client = broker.Open5();
        client.Send("10 11  00 04 'MQTT'  05 42  00 00  00  00 01 'c'  00 01 'p'");
        client.ExpectPacket("CONNACK 00 00");
        Assert.Equal(("c", null, "p"), authenticator.Last);
    }

    private sealed class RecordingAuthenticator : IAuthenticator
    {
        public (string, string?, string?) Last { get; private set; }

        public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken)
        {
            Last = (client.ClientId, client.UserName, client.Password is { } password ? Encoding.UTF8.GetString(password.Span) : null);
            return ValueTask.FromResult(AuthenticationResult.Success);
        }
    }
}
