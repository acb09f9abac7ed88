// The bytes of the packets that clients send. For malformed ones write the hexadecimal text instead.
using System.Text;

namespace Godwit.Conformance.Tests.Harness;

/// <summary>The will of a CONNECT.</summary>
internal sealed record TestWill(string Topic, string Payload, QoS QoS = QoS.AtMostOnce, bool Retain = false, string Properties = "");

internal static class Packets
{
    /// <param name="properties">MQTT 5 properties in hexadecimal, without their length.</param>
    public static byte[] Connect(
        ProtocolVersion version, string clientId, bool cleanSession = true, ushort keepAlive = 0, TestWill? will = null, string? userName = null,
        byte[]? password = null, string properties = "")
    {
        var packet = new ConnectPacket
        {
            Version = version,
            CleanStart = cleanSession,
            KeepAlive = keepAlive,
            Properties = new MqttProperties(Hex.Bytes(properties)),
            ClientId = Utf8(clientId),
            HasWill = will is not null,
            WillTopic = Utf8(will?.Topic ?? ""),
            WillPayload = Utf8(will?.Payload ?? ""),
            WillQoS = will?.QoS ?? QoS.AtMostOnce,
            WillRetain = will?.Retain ?? false,
            WillProperties = new MqttProperties(Hex.Bytes(will?.Properties ?? "")),
            HasUserName = userName is not null,
            UserName = Utf8(userName ?? ""),
            HasPassword = password is not null,
            Password = password ?? [],
        };
        byte[] bytes = new byte[packet.Length];
        packet.Write(bytes);
        return bytes;
    }

    public static byte[] Publish(
        ProtocolVersion version, string topic, byte[] payload, QoS qos = QoS.AtMostOnce, ushort packetId = 0, bool retain = false, bool dup = false,
        string properties = "")
    {
        var packet = new PublishPacket
        {
            Dup = dup,
            QoS = qos,
            Retain = retain,
            Topic = Utf8(topic),
            PacketId = packetId,
            Properties = new MqttProperties(Hex.Bytes(properties)),
            Payload = payload,
        };
        byte[] bytes = new byte[packet.Length(version)];
        packet.Write(bytes, version);
        return bytes;
    }

    /// <param name="filters">Filters with their options byte: before MQTT 5 the QoS.</param>
    public static byte[] Subscribe(ProtocolVersion version, ushort packetId, (string Filter, byte Options)[] filters, string properties = "")
    {
        List<byte> body = [(byte)(packetId >> 8), (byte)packetId];
        AddProperties(body, version, properties);
        foreach ((string filter, byte options) in filters) body.AddRange([.. String(filter), options]);
        return Frame(0x82, body);
    }

    public static byte[] Unsubscribe(ProtocolVersion version, ushort packetId, params string[] filters)
    {
        List<byte> body = [(byte)(packetId >> 8), (byte)packetId];
        AddProperties(body, version, "");
        foreach (string filter in filters) body.AddRange(String(filter));
        return Frame(0xA2, body);
    }

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP in the short form, which is the same in all versions.</summary>
    public static byte[] Ack(PacketType type, ushort packetId) =>
        [(byte)((int)type << 4 | (type == PacketType.Pubrel ? 2 : 0)), 2, (byte)(packetId >> 8), (byte)packetId];

    public static byte[] Pingreq { get; } = [0xC0, 0];

    public static byte[] Disconnect { get; } = [0xE0, 0];

    /// <summary>A fixed header in front of a body.</summary>
    public static byte[] Frame(byte first, IReadOnlyCollection<byte> body)
    {
        List<byte> bytes = [first];
        int length = body.Count;
        do
        {
            bytes.Add((byte)(length & 0x7F | (length > 0x7F ? 0x80 : 0)));
            length >>= 7;
        }
        while (length > 0);
        bytes.AddRange(body);
        return [.. bytes];
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] String(string text)
    {
        byte[] utf8 = Utf8(text);
        return [(byte)(utf8.Length >> 8), (byte)utf8.Length, .. utf8];
    }

    private static void AddProperties(List<byte> body, ProtocolVersion version, string properties)
    {
        if (version != ProtocolVersion.V5) return;
        byte[] bytes = Hex.Bytes(properties);
        body.Add(checked((byte)bytes.Length)); // tests stay below 128
        body.AddRange(bytes);
    }
}
