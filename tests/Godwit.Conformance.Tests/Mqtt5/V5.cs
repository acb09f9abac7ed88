// What the tests of MQTT 5.0 say over and over. Properties are hexadecimal, as in Packets; their identifiers are in table 2-4.
namespace Godwit.Conformance.Tests.Mqtt5;

internal static class V5
{
    /// <summary>What the broker tells every client in CONNACK by default: maximum packet size 16 MiB, topic alias maximum 64.</summary>
    public const string Announced = "27 01 00 00 00 22 00 40";

    /// <summary>Session Expiry Interval: a minute, an hour, for ever.</summary>
    public const string Minute = "11 00 00 00 3C", Hour = "11 00 00 0E 10", ForEver = "11 FF FF FF FF";

    private const ProtocolVersion Version = ProtocolVersion.V5;

    /// <summary>A connected MQTT 5 client.</summary>
    public static TestClient Connect5(
        this TestBroker broker, string clientId, string properties = "", bool cleanStart = true, bool sessionPresent = false, TestWill? will = null,
        ushort keepAlive = 0) =>
        broker.Connect(clientId, cleanStart, keepAlive, will, Version, sessionPresent, properties);

    /// <summary>A client that comes back to its session; what it gets behind CONNACK is left.</summary>
    public static TestClient Resume5(this TestBroker broker, string clientId, string properties = Hour)
    {
        TestClient client = broker.Open5();
        client.Send(Connect(clientId, properties, cleanStart: false));
        client.TakeFirst($"CONNACK 01 00 {Shown(Announced)}");
        return client;
    }

    /// <summary>An open connection without CONNECT.</summary>
    public static TestClient Open5(this TestBroker broker) => broker.Open(Version);

    /// <summary>The bytes of a CONNECT.</summary>
    public static byte[] Connect(
        string clientId, string properties = "", bool cleanStart = true, TestWill? will = null, string? userName = null, byte[]? password = null,
        ushort keepAlive = 0) =>
        Packets.Connect(Version, clientId, cleanStart, keepAlive, will, userName, password, properties);

    /// <summary>The bytes of a SUBSCRIBE.</summary>
    public static byte[] Subscribe(ushort packetId, params (string Filter, byte Options)[] filters) => Packets.Subscribe(Version, packetId, filters);

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP with a reason code.</summary>
    public static byte[] Ack(PacketType type, ushort packetId, ReasonCode code) =>
        [(byte)((int)type << 4 | (type == PacketType.Pubrel ? 2 : 0)), 3, (byte)(packetId >> 8), (byte)packetId, (byte)code];

    /// <summary>DISCONNECT with a reason code and properties in hexadecimal.</summary>
    public static byte[] Disconnect(ReasonCode code, string properties = "")
    {
        byte[] encoded = Hex.Bytes(properties);
        return Packets.Frame(0xE0, [(byte)code, (byte)encoded.Length, .. encoded]);
    }

    /// <summary>AUTH with a method and data.</summary>
    public static byte[] Auth(ReasonCode code, string method, string data = "")
    {
        byte[] properties = Hex.Bytes(Method(method, data));
        return Packets.Frame(0xF0, [(byte)code, (byte)properties.Length, .. properties]);
    }

    /// <summary>The properties Authentication Method and, unless it is empty, Authentication Data.</summary>
    public static string Method(string method, string data = "") =>
        $"15 00 {method.Length:X2} '{method}'" + (data.Length == 0 ? "" : $" 16 00 {data.Length:X2} '{data}'");

    /// <summary>A string property.</summary>
    public static string Text(byte identifier, string text) => $"{identifier:X2} {text.Length >> 8:X2} {text.Length & 0xFF:X2} '{text}'";

    /// <summary>Properties as <see cref="PacketText"/> shows them.</summary>
    public static string Shown(string properties) => $"{{{Hex.Text(Hex.Bytes(properties))}}}";

    /// <summary>The next packets are exactly a DISCONNECT with this code, and the broker has closed the connection.</summary>
    public static void ExpectDisconnect(this TestClient client, ReasonCode code)
    {
        string packet = Assert.Single(client.Take());
        Assert.StartsWith($"DISCONNECT {(byte)code:X2}", packet);
        Assert.True(client.IsClosed, "The broker has not closed the connection.");
    }

    /// <summary>The one packet received begins like this: a reason string may follow.</summary>
    public static void ExpectPacket(this TestClient client, string beginning) => Assert.StartsWith(beginning, Assert.Single(client.Take()));

    /// <summary>The CONNECT has been refused with this code, session present is 0, and the connection is closed.</summary>
    public static void ExpectRefused(this TestClient client, ReasonCode code)
    {
        client.ExpectPacket($"CONNACK 00 {(byte)code:X2}");
        Assert.True(client.IsClosed, "The broker has not closed the connection.");
    }

    /// <summary>Nobody else has been disturbed: a message gets from one client to another.</summary>
    public static void ExpectAlive(this TestBroker broker)
    {
        TestClient subscriber = broker.Connect5("alive-subscriber"), publisher = broker.Connect5("alive-publisher");
        subscriber.Subscribe("alive/#");
        publisher.Publish("alive/1", "x");
        subscriber.ExpectPackets("PUBLISH alive/1=x q0");
        subscriber.Disconnect();
        publisher.Disconnect();
    }
}
