// The value of a field as text, and what it means.
using System.Buffers.Binary;
using System.Globalization;
using Godwit.Protocol;
using Godwit.Protocol.Fields;
using Godwit.Protocol.Wire;

namespace Godwit.Capture.Explain;

internal static class FieldWords
{
    /// <summary>Value and meaning of a field.</summary>
    /// <param name="field">The field.</param>
    /// <param name="packet">The packet's bytes as they came.</param>
    /// <param name="version">The version it is read by.</param>
    /// <param name="keepsSession">Whether Clean Session is 0, so that the client identifier must not be empty.</param>
    public static (string Value, string? Meaning) Describe(RawField field, ReadOnlySpan<byte> packet, ProtocolVersion version, bool keepsSession)
    {
        var type = (PacketType)(packet[0] >> 4);
        ReadOnlySpan<byte> bytes = packet.Slice(field.Offset, field.Length);
        if (field.Mask != 0xFF) return Bits(field, (packet[field.Offset] & field.Mask) >> byte.TrailingZeroCount(field.Mask), type, version);
        if (field.Property is { } property && field.Name != FieldName.Length) return Property(field.Name, property, bytes);
        switch (field.Name)
        {
            case FieldName.RemainingLength or FieldName.PropertyLength:
                int size = VariableByteInteger.Read(bytes, out int length);
                return (Number(length), size > 1 ? $"{Arithmetic(bytes)}; so many bytes follow" : length == 1 ? "1 byte follows" : $"{length} bytes follow");
            case FieldName.Length:
                return (Number(BinaryPrimitives.ReadUInt16BigEndian(bytes)), null);
            case FieldName.ProtocolName:
                return (Readable.Quote(bytes), bytes.SequenceEqual("MQIsdp"u8) ? "the name in MQTT 3.1" : bytes.SequenceEqual("MQTT"u8) ? null : "MQTT is expected; MQIsdp in MQTT 3.1");
            case FieldName.ProtocolLevel:
                return (Number(bytes[0]), bytes[0] switch { 3 => "MQTT 3.1", 4 => "MQTT 3.1.1", 5 => "MQTT 5.0", 0x83 => "MQTT 3.1, from a bridge", 0x84 => "MQTT 3.1.1, from a bridge", _ => "3 (MQTT 3.1), 4 (3.1.1) or 5 (5.0) is expected" });
            case FieldName.KeepAlive:
                uint seconds = BinaryPrimitives.ReadUInt16BigEndian(bytes);
                return (seconds == 0 ? "0" : $"{seconds} s", PropertyWords.KeepAlive(seconds));
            case FieldName.ClientIdentifier:
                return (Readable.Quote(bytes), !bytes.IsEmpty ? null
                    : keepsSession && version != ProtocolVersion.V5 ? "empty: not allowed with Clean Session 0 [MQTT-3.1.3-8]"
                    : "empty: the server chooses one");
            case FieldName.PacketIdentifier:
                return (Number(BinaryPrimitives.ReadUInt16BigEndian(bytes)), type switch
                {
                    PacketType.Publish or PacketType.Subscribe or PacketType.Unsubscribe => "the acknowledgement carries the same",
                    _ => "of the packet that is answered",
                });
            case FieldName.ReturnCode:
                return (Hexadecimal(bytes[0]), type == PacketType.Connack ? ConnectCodes.Describe((ConnectReturnCode)bytes[0]) : SubackCode(bytes[0]));
            case FieldName.ReasonCode:
                return (Hexadecimal(bytes[0]), ReasonWords.Describe((ReasonCode)bytes[0], type));
            case FieldName.ApplicationMessage or FieldName.WillPayload:
                return (Readable.Payload(bytes), Readable.PayloadKind(bytes) ?? (type == PacketType.Publish && (packet[0] & 1) == 1 ? "empty with RETAIN: the retained message is deleted" : "empty"));
            case FieldName.TopicName or FieldName.WillTopic:
                return (bytes.IsEmpty ? "\"\"" : Readable.Quote(bytes), bytes.IsEmpty ? "the topic alias stands for it" : Levels(bytes));
            case FieldName.TopicFilter:
                return (Readable.Quote(bytes), Levels(bytes));
            case FieldName.Reserved:
                return (Number(bytes[0]), "not used in MQTT 3.1");
            case FieldName.PropertyIdentifier:
                return (Hexadecimal(bytes[0]), PropertyInfo.Find(bytes[0])?.Name ?? "no property has this identifier");
            case FieldName.Password:
                return (Readable.Payload(bytes), null);
            default:
                return (Readable.Quote(bytes), null);
        }
    }

    /// <summary>A variable byte integer written out: <c>65 + 2 x 128</c>.</summary>
    public static string Arithmetic(ReadOnlySpan<byte> bytes)
    {
        var terms = new List<string>();
        for (int i = 0; i < bytes.Length; i++)
        {
            int digit = bytes[i] & 0x7F;
            terms.Add(i == 0 ? Number(digit) : $"{digit} x {Number(1 << (7 * i))}");
        }
        return string.Join(" + ", terms);
    }

    private static (string, string?) Bits(RawField field, int value, PacketType type, ProtocolVersion version) => (Number(value), field.Name switch
    {
        FieldName.PacketType => type.Name(),
        FieldName.Flags => "fixed for this packet type",
        FieldName.Dup => value == 1 ? "sent again: it, or an earlier copy, may have arrived" : "sent for the first time",
        FieldName.QoS or FieldName.WillQoS or FieldName.MaximumQoS => QoSWords(value),
        FieldName.Retain => value == 1 ? "to be kept for later subscribers, or kept from earlier" : "not retained",
        FieldName.UserNameFlag => value == 1 ? "a user name follows in the payload" : "no user name",
        FieldName.PasswordFlag => value == 1 ? "a password follows in the payload" : "no password",
        FieldName.WillRetain => value == 1 ? "the will is published with RETAIN 1" : "the will is not retained",
        FieldName.WillFlag => value == 1 ? "a will follows in the payload" : "no will",
        FieldName.CleanStart => CleanStart(value == 1, version),
        FieldName.SessionPresent => value == 1 ? "the server has a session of this client" : "the server has no session of this client",
        FieldName.Reserved => "must be 0",
        FieldName.NoLocal => value == 1 ? "what this client publishes does not come back" : "what this client publishes comes back too",
        FieldName.RetainAsPublished => value == 1 ? "RETAIN is passed on as it was published" : "RETAIN is 1 only in messages that were kept",
        FieldName.RetainHandling => value switch
        {
            0 => "retained messages are sent",
            1 => "retained messages are sent if the subscription is new",
            2 => "no retained messages",
            _ => "not allowed",
        },
        _ => null,
    });

    private static (string, string?) Property(FieldName name, PropertyId property, ReadOnlySpan<byte> bytes)
    {
        if (name == FieldName.PropertyIdentifier) return (Hexadecimal(bytes[0]), PropertyInfo.Of(property).Name);
        if (name is FieldName.UserPropertyName or FieldName.UserPropertyValue) return (Readable.Quote(bytes), null);
        switch (PropertyInfo.Of(property).Type)
        {
            case PropertyType.BinaryData: return (Readable.Payload(bytes), PropertyWords.TextMeaning(property));
            case PropertyType.Utf8String: return (Readable.Quote(bytes), PropertyWords.TextMeaning(property));
            case PropertyType.VariableByteInteger:
                VariableByteInteger.Read(bytes, out int integer);
                return (Number(integer), bytes.Length > 1 ? Arithmetic(bytes) : PropertyWords.Meaning(property, (uint)integer));
            default:
                uint value = 0;
                foreach (byte b in bytes) value = value << 8 | b;
                string unit = IsSeconds(property) ? " s" : property == PropertyId.MaximumPacketSize ? " bytes" : "";
                return ($"{value.ToString(CultureInfo.InvariantCulture)}{unit}", PropertyWords.Meaning(property, value));
        }
    }

    private static bool IsSeconds(PropertyId id) =>
        id is PropertyId.MessageExpiryInterval or PropertyId.SessionExpiryInterval or PropertyId.ServerKeepAlive or PropertyId.WillDelayInterval;

    private static string CleanStart(bool isSet, ProtocolVersion version) => (isSet, version == ProtocolVersion.V5) switch
    {
        (true, true) => "an existing session is dropped first",
        (true, false) => "a new session that ends with the connection",
        (false, true) => "an existing session is resumed",
        (false, false) => "a session that outlives the connection is resumed or begun",
    };

    private static string QoSWords(int value) => value switch
    {
        0 => "at most once",
        1 => "at least once",
        2 => "exactly once",
        _ => "not allowed",
    };

    private static string SubackCode(byte code) => code switch
    {
        <= 2 => $"granted QoS {code}",
        0x80 => "Failure: the server has refused the subscription",
        _ => "not defined",
    };

    private static string? Levels(ReadOnlySpan<byte> topic)
    {
        int levels = topic.Count((byte)'/') + 1;
        string? leading = topic.Length > 0 && topic[0] == (byte)'/' ? ", the first of them empty: the leading / makes one more" : null;
        return levels == 1 ? null : $"{levels} levels{leading}";
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hexadecimal(byte value) => $"0x{value:X2}";
}
