// The few packets of MQTT 3.1.1 that the subjects send, as bytes.
using System.Buffers.Binary;
using System.Text;

namespace Godwit.Scale;

internal static class Wire
{
    public static readonly byte[] Disconnect = [0xE0, 0], Pingreq = [0xC0, 0];

    public static byte[] Connect(string clientId, bool cleanSession = true, ushort keepAlive = 60) =>
        Packet(0x10, [0, 4, .. "MQTT"u8, 4, (byte)(cleanSession ? 2 : 0), .. Number(keepAlive), .. Text(clientId)]);

    public static byte[] Subscribe(ushort packetId, string filter, byte qos = 0) => Packet(0x82, [.. Number(packetId), .. Text(filter), qos]);

    public static byte[] Unsubscribe(ushort packetId, string filter) => Packet(0xA2, [.. Number(packetId), .. Text(filter)]);

    public static byte[] Publish(string topic, ReadOnlySpan<byte> payload, bool retain = false) =>
        Packet((byte)(retain ? 0x31 : 0x30), [.. Text(topic), .. payload]);

    private static byte[] Packet(byte first, byte[] body)
    {
        if (body.Length > 16_383) throw new ArgumentException("Two bytes of length are enough here.", nameof(body));
        return body.Length < 128 ? [first, (byte)body.Length, .. body] : [first, (byte)(body.Length | 128), (byte)(body.Length >> 7), .. body];
    }

    private static byte[] Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return [.. Number((ushort)utf8.Length), .. utf8];
    }

    private static byte[] Number(ushort value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }
}
