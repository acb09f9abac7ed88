// One line about a packet: what somebody would say who is asked what it is.
using System.Buffers.Binary;
using Godwit.Protocol;
using Godwit.Protocol.Fields;

namespace Godwit.Capture.Explain;

internal static class PacketSummary
{
    public static string Of(PacketReading reading, ReadOnlySpan<byte> packet, bool hidesContent = false)
    {
        var type = (PacketType)(packet[0] >> 4);
        var parts = new List<string>();
        string? Text(FieldName name, ReadOnlySpan<byte> bytes) => Find(reading, name) is { } field ? Readable.Quote(bytes.Slice(field.Offset, field.Length)) : null;
        string? id = Find(reading, FieldName.PacketIdentifier) is { } found ? $"packet identifier {BinaryPrimitives.ReadUInt16BigEndian(packet[found.Offset..])}" : null;
        switch (type)
        {
            case PacketType.Connect:
                if (Text(FieldName.ClientIdentifier, packet) is { } client) parts.Add(client == "\"\"" ? "without client identifier" : $"of client {client}");
                if (Find(reading, FieldName.KeepAlive) is { } keepAlive) parts.Add($"keep alive {BinaryPrimitives.ReadUInt16BigEndian(packet[keepAlive.Offset..])} s");
                if (!hidesContent && Text(FieldName.UserName, packet) is { } user) parts.Add($"user {user}");
                if (Text(FieldName.WillTopic, packet) is { } will) parts.Add($"will to {will}");
                break;
            case PacketType.Publish:
                if (Text(FieldName.TopicName, packet) is { } topic) parts.Add($"to {topic}");
                parts.Add($"QoS {packet[0] >> 1 & 3}");
                if ((packet[0] & 1) != 0) parts.Add("retained");
                if ((packet[0] & 8) != 0) parts.Add("DUP");
                if (id is not null) parts.Add(id);
                if (Find(reading, FieldName.ApplicationMessage) is { } payload) parts.Add($"{payload.Length:N0} bytes of payload");
                break;
            case PacketType.Subscribe or PacketType.Unsubscribe:
                foreach (RawField filter in reading.Fields.Where(field => field.Name == FieldName.TopicFilter).Take(4))
                    parts.Add(Readable.Quote(packet.Slice(filter.Offset, filter.Length)));
                if (id is not null) parts.Add(id);
                break;
            case PacketType.Connack:
                if (Find(reading, FieldName.ReturnCode) is { } returned) parts.Add(((ConnectReturnCode)packet[returned.Offset]).Name());
                if (Find(reading, FieldName.ReasonCode) is { } reason) parts.Add(((ReasonCode)packet[reason.Offset]).Name());
                break;
            default:
                if (id is not null) parts.Add(id);
                if (Find(reading, FieldName.ReasonCode) is { } code) parts.Add(((ReasonCode)packet[code.Offset]).Describe(type));
                break;
        }
        return parts.Count == 0 ? type.Name() : $"{type.Name()} {string.Join(", ", parts)}";
    }

    private static RawField? Find(PacketReading reading, FieldName name)
    {
        foreach (RawField field in reading.Fields) if (field.Name == name) return field;
        return null;
    }
}
