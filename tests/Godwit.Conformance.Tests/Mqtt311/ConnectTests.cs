// CONNECT: section 3.1, but for the session (SessionTests), the will (WillTests), keep alive (KeepAliveTests) and who may connect
// (CredentialsTests).
namespace Godwit.Conformance.Tests.Mqtt311;

public class ConnectTests
{
    private const string Valid = "10 0D 00 04 'MQTT' 04 02 00 00 00 01 'a'";

    [Fact]
    [Statement("MQTT-3.1.4-4", "3.1.1")]
    [Statement("MQTT-3.2.0-1", "3.1.1")]
    public void CONNECT_Valid_IsAcceptedByConnack()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();
        client.ExpectOpen(); // the server says nothing before

        client.Send(Valid);

        client.Expect("20 02 00 00");
    }

    [Theory]
    [InlineData("30 04 00 01 'a' 'x'")]
    [InlineData("82 06 00 01 00 01 'a' 00")]
    [InlineData("C0 00")]
    [InlineData("E0 00")]
    [Statement("MQTT-3.1.0-1", "3.1.1")]
    public void Packet_BeforeConnect_ClosesConnection(string packet)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();

        client.Send(packet);

        client.ExpectClosed();
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.0-2", "3.1.1")]
    public void CONNECT_Second_ClosesConnection(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Open();
        client.Send(Valid);
        client.Expect("20 02 00 00");

        client.Send(Valid);

        client.ExpectClosed();
    }

    [Fact]
    [Statement("MQTT-3.1.0-2", "3.1.1")]
    public void CONNECT_TwiceInOneSegment_ClosesConnectionAfterConnack()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();

        client.Send(Valid + Valid);

        client.ExpectClosed("20 02 00 00");
    }

    [Theory]
    [InlineData("10 0D 00 04 'MQTX' 04 02 00 00 00 01 'a'")]
    [InlineData("10 0D 00 04 'mqtt' 04 02 00 00 00 01 'a'")]
    [InlineData("10 0F 00 06 'MQisdp' 03 02 00 00 00 01 'a'")]
    [Statement("MQTT-3.1.2-1", "3.1.1")]
    public void CONNECT_WrongProtocolName_ClosesWithoutConnack(string packet)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();

        client.Send(packet);

        client.ExpectClosed();
    }

    [Theory]
    [InlineData("00")]
    [InlineData("03")]
    [InlineData("06")]
    [InlineData("84")]
    [Statement("MQTT-3.1.2-2", "3.1.1")]
    public void CONNECT_UnknownProtocolLevel_IsRefusedBy01(string level)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();

        client.Send($"10 0D 00 04 'MQTT' {level} 02 00 00 00 01 'a'");

        client.ExpectClosed("20 02 00 01");
    }

    [Fact]
    [Statement("MQTT-3.1.2-3", "3.1.1")]
    public void CONNECT_ReservedFlagSet_ClosesWithoutConnack() => IsMalformed("10 0D 00 04 'MQTT' 04 03 00 00 00 01 'a'");

    [Theory]
    [InlineData("10 0D 00 04 'MQTT' 04 0A 00 00 00 01 'a'")]
    [InlineData("10 0D 00 04 'MQTT' 04 12 00 00 00 01 'a'")]
    [Statement("MQTT-3.1.2-11", "3.1.1")]
    [Statement("MQTT-3.1.2-13", "3.1.1")]
    public void CONNECT_WillQoSWithoutWillFlag_ClosesWithoutConnack(string packet) => IsMalformed(packet);

    [Fact]
    [Statement("MQTT-3.1.2-14", "3.1.1")]
    public void CONNECT_WillQoS3_ClosesWithoutConnack() => IsMalformed("10 13 00 04 'MQTT' 04 1E 00 00 00 01 'a' 00 01 'w' 00 01 'x'");

    [Fact]
    [Statement("MQTT-3.1.2-11", "3.1.1")]
    [Statement("MQTT-3.1.2-15", "3.1.1")]
    public void CONNECT_WillRetainWithoutWillFlag_ClosesWithoutConnack() => IsMalformed("10 0D 00 04 'MQTT' 04 22 00 00 00 01 'a'");

    [Fact]
    [Statement("MQTT-3.1.2-22", "3.1.1")]
    public void CONNECT_PasswordFlagWithoutUserNameFlag_ClosesWithoutConnack() => IsMalformed("10 10 00 04 'MQTT' 04 42 00 00 00 01 'a' 00 01 'p'");

    [Theory]
    [InlineData("10 00")]
    [InlineData("10 0A 00 04 'MQTT' 04 02 00 00")] // no client identifier
    [InlineData("10 0D 00 04 'MQTT' 04 02 00 00 00 02 'a'")] // it reaches beyond the packet
    [InlineData("10 0E 00 04 'MQTT' 04 02 00 00 00 01 'a' 00")] // a byte too many
    [InlineData("10 10 00 04 'MQTT' 04 06 00 00 00 01 'a' 00 01 'w'")] // will flag, but no message
    [InlineData("10 0D 00 04 'MQTT' 04 82 00 00 00 01 'a'")] // user name flag, but no user name
    [InlineData("10 10 00 04 'MQTT' 04 C2 00 00 00 01 'a' 00 01 'u'")] // password flag, but no password
    [InlineData("10 10 00 04 'MQTT' 04 02 00 00 00 01 'a' 00 01 'u'")] // a user name, but no flag
    [Statement("MQTT-3.1.4-1", "3.1.1")]
    [Statement("MQTT-3.1.2-9", "3.1.1")]
    [Statement("MQTT-3.1.2-18", "3.1.1")]
    [Statement("MQTT-3.1.2-19", "3.1.1")]
    [Statement("MQTT-3.1.2-20", "3.1.1")]
    [Statement("MQTT-3.1.2-21", "3.1.1")]
    [Statement("MQTT-3.1.3-3", "3.1.1")]
    public void CONNECT_PayloadDoesNotFitFlags_ClosesWithoutConnack(string packet) => IsMalformed(packet);

    [Theory]
    [InlineData("a")]
    [InlineData("0123456789abcdefghijklm")]
    [InlineData("nopqrstuvwxyzABCDEFGHIJ")]
    [InlineData("KLMNOPQRSTUVWXYZ")]
    [InlineData("longer than 23 bytes, with ümläuts / and + and #")]
    [Statement("MQTT-3.1.3-5", "3.1.1")]
    public void CONNECT_ClientIdentifier_IsAccepted(string clientId)
    {
        using var broker = new TestBroker();

        broker.Connect(clientId).ExpectOpen();

        Assert.NotNull(broker.Session(clientId));
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.3-6", "3.1.1")]
    public void CONNECT_EmptyClientIdentifierWithCleanSession_GetsAUniqueOne(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient[] clients = [.. Enumerable.Range(0, 5).Select(_ => broker.Connect(""))];

        Assert.All(clients, client => client.ExpectOpen());
        Assert.Equal(5, broker.Statistics.ClientsConnected);
        Assert.Equal(5, broker.Statistics.Sessions);
        clients[0].Subscribe("a");
        clients[1].Publish("a", "x");
        clients[0].ExpectPackets("PUBLISH a=x q0");
    }

    [Fact]
    [Statement("MQTT-3.1.3-7", "3.1.1")]
    [Statement("MQTT-3.1.3-8", "3.1.1")]
    public void CONNECT_EmptyClientIdentifierWithoutCleanSession_IsRefusedBy02()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();

        client.Send("10 0C 00 04 'MQTT' 04 00 00 00 00 00");

        client.ExpectClosed("20 02 00 02");
    }

    [Fact]
    [Statement("MQTT-3.1.3-9", "3.1.1")]
    public void CONNECT_EmptyClientIdentifierNotAllowed_IsRefusedBy02()
    {
        using var broker = new TestBroker(configure: o => o with { AllowEmptyClientId = false });
        TestClient client = broker.Open();

        client.Send("10 0C 00 04 'MQTT' 04 02 00 00 00 00");

        client.ExpectClosed("20 02 00 02");
    }

    [Theory]
    [Loops]
    public void CONNECT_NotCompleteInTime_ClosesConnection(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { ConnectTimeout = TimeSpan.FromSeconds(5) });
        TestClient silent = broker.Open(), slow = broker.Open(), connected = broker.Connect("connected");
        slow.Send("10 0D 00 04 'MQ'");

        broker.Advance(TimeSpan.FromSeconds(4.9));
        silent.ExpectOpen();
        slow.ExpectOpen();
        broker.Advance(TimeSpan.FromSeconds(0.2));

        silent.ExpectClosed();
        slow.ExpectClosed();
        connected.ExpectOpen();
    }

    private static void IsMalformed(string packet)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();

        client.Send(packet);

        client.ExpectClosed();
        Assert.Equal(0, broker.Statistics.Sessions);
    }
}
