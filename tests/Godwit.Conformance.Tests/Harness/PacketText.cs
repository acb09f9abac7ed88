// What a client received as one line a packet, so that tests compare what they mean and nothing else:
//
//   CONNACK 01 00                       acknowledge flags, code; in MQTT 5 followed by {properties}
//   PUBLISH a/b=hello q1 m7 dup retain  topic, payload, QoS, packet identifier; in MQTT 5 {properties} unless there are none
//   PUBACK m7                           and PUBREC, PUBREL, PUBCOMP, UNSUBACK; bytes behind the identifier follow in hexadecimal
//   SUBACK m7 00 80
//   PINGRESP, DISCONNECT                bytes behind the fixed header follow in hexadecimal
using System.Text;

namespace Godwit.Conformance.Tests.Harness;

internal static class PacketText
{
    // What brokers with a store say beyond the others.
    private static readonly string AcknowledgementLevel = Hex.Text(Hex.Bytes("26 00 15 'acknowledgement-level' 00 05 'fsync'"));

    /// <summary>The complete packets at the beginning of the bytes, and how many bytes they take.</summary>
    public static List<string> Read(ReadOnlySpan<byte> bytes, ProtocolVersion version, out int consumed)
    {
        List<string> packets = [];
        consumed = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = bytes[consumed..];
            FrameStatus status = PacketFrame.Read(rest, version, int.MaxValue, out PacketFrame frame, out Violation? violation);
            if (status == FrameStatus.NeedMore) return packets;
            Assert.True(status != FrameStatus.Malformed, $"The broker sent a malformed packet: {violation} in {Hex.Text(rest[..Math.Min(rest.Length, 64)])}");
            packets.Add(Describe(frame, rest[..frame.Length], version));
            consumed += frame.Length;
        }
    }

    private static string Describe(in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version)
    {
        ReadOnlySpan<byte> body = packet[frame.HeaderLength..];
        string name = frame.Type.Name();
        switch (frame.Type)
        {
            case PacketType.Publish:
                Assert.True(PublishPacket.TryRead(frame, packet, version, out PublishPacket publish, out Violation? violation), violation?.ToString());
                return name + Describe(publish);
            case PacketType.Connack:
                string properties = Hex.Text(body.Length > 3 ? body[3..] : default);
                if (TestBroker.HasStore) properties = properties.Replace(AcknowledgementLevel, "", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal).Trim();
                return $"{name} {Hex.Text(body[..2])}" + (properties.Length > 0 ? $" {{{properties}}}" : "");
            case PacketType.Pingresp or PacketType.Disconnect or PacketType.Auth:
                return name + Tail(body);
            default:
                return $"{name} m{body[0] << 8 | body[1]}{Tail(body[2..])}";
        }
    }

    private static string Describe(in PublishPacket publish)
    {
        var text = new StringBuilder($" {Encoding.UTF8.GetString(publish.Topic)}={Encoding.UTF8.GetString(publish.Payload)} q{(int)publish.QoS}");
        if (publish.QoS != QoS.AtMostOnce) text.Append($" m{publish.PacketId}");
        if (publish.Dup) text.Append(" dup");
        if (publish.Retain) text.Append(" retain");
        if (!publish.Properties.IsEmpty) text.Append($" {{{Hex.Text(publish.Properties.Encoded)}}}");
        return text.ToString();
    }

    private static string Tail(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? "" : " " + Hex.Text(bytes);
}
