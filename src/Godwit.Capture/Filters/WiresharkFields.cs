// What the codec finds in a packet, under Wireshark's names, at Wireshark's places: so that its display filters mean here what they mean there.
// docs/tshark.md has the few differences. Only names and places are Wireshark's; the packet is read by our one codec.
using System.Buffers.Binary;
using Godwit.Capture.Explain;
using Godwit.Capture.Mqtt;
using Godwit.Protocol;
using Godwit.Protocol.Fields;
using Godwit.Protocol.Wire;

namespace Godwit.Capture.Filters;

/// <summary>Names a packet's fields as Wireshark does.</summary>
public static class WiresharkFields
{
    private const FieldKind Number = FieldKind.Number, Flag = FieldKind.Flag, Text = FieldKind.Text, Bytes = FieldKind.Bytes;

    private const string Topic = "mqtt.topic";

    private static readonly Dictionary<string, FieldKind> Kinds = new()
    {
        ["mqtt.hdrflags"] = Number, ["mqtt.msgtype"] = Number, ["mqtt.hdr_reserved"] = Number, ["mqtt.retain_reserved"] = Number, ["mqtt.dupflag"] = Flag,
        ["mqtt.qos"] = Number, ["mqtt.retain"] = Flag, ["mqtt.len"] = Number,
        ["mqtt.proto_len"] = Number, ["mqtt.protoname"] = Text, ["mqtt.ver"] = Number,
        ["mqtt.conflags"] = Number, ["mqtt.conflag.uname"] = Flag, ["mqtt.conflag.passwd"] = Flag, ["mqtt.conflag.retain"] = Flag, ["mqtt.conflag.qos"] = Number,
        ["mqtt.conflag.willflag"] = Flag, ["mqtt.conflag.cleansess"] = Flag, ["mqtt.conflag.reserved"] = Flag, ["mqtt.kalive"] = Number,
        ["mqtt.clientid_len"] = Number, ["mqtt.clientid"] = Text, ["mqtt.willtopic_len"] = Number, ["mqtt.willtopic"] = Text,
        ["mqtt.willmsg_len"] = Number, ["mqtt.willmsg"] = Bytes, ["mqtt.username_len"] = Number, ["mqtt.username"] = Text,
        ["mqtt.passwd_len"] = Number, ["mqtt.passwd"] = Bytes,
        ["mqtt.conack.flags"] = Number, ["mqtt.conack.flags.reserved"] = Flag, ["mqtt.conack.flags.sp"] = Flag, ["mqtt.conack.val"] = Number,
        ["mqtt.msgid"] = Number, ["mqtt.topic_len"] = Number, [Topic] = Text, ["mqtt.msg"] = Bytes,
        ["mqtt.sub.qos"] = Number, ["mqtt.suback.qos"] = Number,
        ["mqtt.subscription_options"] = Number, ["mqtt.subscription_options_qos"] = Number, ["mqtt.subscription_options_nl"] = Flag,
        ["mqtt.subscription_options_rap"] = Flag, ["mqtt.subscription_options_retain"] = Number, ["mqtt.subscription_options_reserved"] = Number,
        ["mqtt.connack.reason_code"] = Number, ["mqtt.puback.reason_code"] = Number, ["mqtt.pubrec.reason_code"] = Number, ["mqtt.pubrel.reason_code"] = Number,
        ["mqtt.pubcomp.reason_code"] = Number, ["mqtt.suback.reason_code"] = Number, ["mqtt.unsuback.reason_code"] = Number,
        ["mqtt.disconnect.reason_code"] = Number, ["mqtt.auth.reason_code"] = Number,
        ["mqtt.properties"] = Bytes, ["mqtt.will_properties"] = Bytes, ["mqtt.property_len"] = Number, ["mqtt.property_id"] = Number,
        ["mqtt.prop_number"] = Number, ["mqtt.property.content_type"] = Text, ["mqtt.property.max_qos"] = Number, ["mqtt.property.topic_alias"] = Number,
        ["mqtt.prop_string_len"] = Number, ["mqtt.prop_string"] = Text, ["mqtt.prop_key_len"] = Number, ["mqtt.prop_key"] = Text,
        ["mqtt.prop_value_len"] = Number, ["mqtt.prop_value"] = Text,
    };

    private static readonly string[] ReasonCodes = [.. Enumerable.Range(0, 16).Select(type => $"mqtt.{((PacketType)type).Name().ToLowerInvariant()}.reason_code")];

    // Filters look at many packets: what they need in between is kept, for each thread.
    [ThreadStatic]
    private static List<WiresharkField>? _scratch;

    [ThreadStatic]
    private static List<RawField>? _rawScratch;

    /// <summary>The names that packets' fields have here.</summary>
    public static IReadOnlyCollection<string> Names => Kinds.Keys;

    /// <summary>What the field of this name holds.</summary>
    internal static FieldKind KindOf(string name) => Kinds[name];

    /// <summary>Adds a packet's fields, in the order of the bytes; of a packet that is broken or not whole as many as can be read.</summary>
    public static void Read(in ObservedPacket packet, ICollection<WiresharkField> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        List<RawField> raw = _rawScratch ??= [];
        raw.Clear();
        ProtocolVersion version = packet.Version;
        if (packet.IsWhole && packet.Violation is null) PacketFields.Report(packet.Frame, packet.Bytes, version, new FieldCollector(raw));
        else
        {
            var reading = new PacketReading(packet.Frame, packet.Bytes, version, null);
            raw.AddRange(reading.Fields);
            version = reading.Version;
        }
        var naming = new Naming(raw, packet.Bytes, packet.Type, version, fields);
        for (int i = 0; i < raw.Count; i++) naming.Name(i);
        // An alias stands for the topic; if it was given before the capture began the topic is empty.
        bool isByAlias = raw.Exists(field => field is { Name: FieldName.TopicName, Length: 0 }) && raw.Exists(field => field.Property == PropertyId.TopicAlias);
        if (isByAlias && raw[^1].Name == FieldName.ApplicationMessage) fields.Add(new WiresharkField(Topic, raw[^1].Offset, 0));
    }

    /// <summary>The field's number; 0 for text and bytes.</summary>
    public static double NumberOf(WiresharkField field, in ObservedPacket packet)
    {
        if (field.Kind is not (FieldKind.Number or FieldKind.Flag)) return 0;
        ReadOnlySpan<byte> bytes = packet.Bytes.Slice(field.Offset, field.Length);
        if (field.Kind == FieldKind.Flag) return (bytes[0] & field.Mask) != 0 ? 1 : 0;
        if (field.Mask != 0xFF) return (bytes[0] & field.Mask) >> System.Numerics.BitOperations.TrailingZeroCount(field.Mask);
        if (field.Name is "mqtt.len" or "mqtt.property_len" || field.Property == PropertyId.SubscriptionIdentifier && field.Name == "mqtt.prop_number")
        {
            VariableByteInteger.Read(bytes, out int value);
            return value;
        }
        return bytes.Length switch { 1 => bytes[0], 2 => BinaryPrimitives.ReadUInt16BigEndian(bytes), _ => BinaryPrimitives.ReadUInt32BigEndian(bytes) };
    }

    /// <summary>The field's text or bytes; empty for numbers, groups and secrets.</summary>
    public static ReadOnlySpan<byte> BytesOf(WiresharkField field, in ObservedPacket packet)
    {
        if (field is { Name: Topic, Length: 0 }) return packet.Topic;
        if (field.IsSecret || field.Kind is not (FieldKind.Text or FieldKind.Bytes) || field.Name is "mqtt.properties" or "mqtt.will_properties") return default;
        // Wireshark counts this one's length as a part of it, but not of its value.
        int prefix = field.Name == "mqtt.property.content_type" ? 2 : 0;
        return packet.Bytes.Slice(field.Offset + prefix, field.Length - prefix);
    }

    /// <summary>The value with this index of the field with this name; false if there is none.</summary>
    internal static bool TryGet(string name, in ObservedPacket packet, int index, out FieldValue value)
    {
        List<WiresharkField> fields = _scratch ??= [];
        fields.Clear();
        Read(packet, fields);
        foreach (WiresharkField field in fields)
        {
            if (field.Name != name || index-- > 0) continue;
            value = field.Kind is FieldKind.Number or FieldKind.Flag ? FieldValue.Of(NumberOf(field, packet)) : FieldValue.Of(BytesOf(field, packet));
            return true;
        }
        value = default;
        return false;
    }

    private readonly ref struct Naming(List<RawField> raw, ReadOnlySpan<byte> packet, PacketType type, ProtocolVersion version, ICollection<WiresharkField> fields)
    {
        private readonly ReadOnlySpan<byte> _packet = packet;

        public void Name(int i)
        {
            RawField field = raw[i];
            switch (field.Name)
            {
                case FieldName.PacketType:
                    Add("mqtt.hdrflags", field with { Mask = 0xFF });
                    Add("mqtt.msgtype", field);
                    break;
                case FieldName.Flags when version == ProtocolVersion.V31 && type is PacketType.Pubrel or PacketType.Subscribe or PacketType.Unsubscribe:
                    Add("mqtt.dupflag", field with { Mask = 0x08 });
                    Add("mqtt.qos", field with { Mask = 0x06 });
                    Add("mqtt.retain_reserved", field with { Mask = 0x01 });
                    break;
                case FieldName.UserNameFlag:
                    Add("mqtt.conflags", field with { Mask = 0xFF });
                    Add("mqtt.conflag.uname", field);
                    break;
                case FieldName.Reserved when type == PacketType.Connect:
                    Add("mqtt.conflag.reserved", field);
                    break;
                case FieldName.Reserved when type == PacketType.Connack:
                    if (version != ProtocolVersion.V31) Add("mqtt.conack.flags", field with { Mask = 0xFF });
                    Add("mqtt.conack.flags.reserved", field);
                    break;
                case FieldName.Reserved when version == ProtocolVersion.V5:
                    Add("mqtt.subscription_options", field with { Mask = 0xFF });
                    Add("mqtt.subscription_options_reserved", field);
                    break;
                case FieldName.Reserved:
                    break;
                // Before MQTT 5 the whole byte is the QoS.
                case FieldName.MaximumQoS when version != ProtocolVersion.V5:
                    Add("mqtt.sub.qos", field with { Mask = 0xFF });
                    break;
                case FieldName.PropertyLength:
                    VariableByteInteger.Read(_packet[field.Offset..], out int length);
                    bool isWill = type == PacketType.Connect && i > 0 && raw[i - 1].Name == FieldName.ClientIdentifier;
                    Add(isWill ? "mqtt.will_properties" : "mqtt.properties", field with { Length = Math.Min(field.Length + length, _packet.Length - field.Offset) });
                    Add("mqtt.property_len", field);
                    break;
                case FieldName.Length:
                    if (i + 1 < raw.Count && LengthName(raw[i + 1]) is { } name) Add(name, field);
                    break;
                case FieldName.PropertyValue when field.Property == PropertyId.ContentType:
                    Add("mqtt.property.content_type", field with { Offset = field.Offset - 2, Length = field.Length + 2 });
                    break;
                default:
                    if (NameOf(field) is { } simple) Add(simple, field);
                    break;
            }
        }

        private void Add(string name, RawField field)
        {
            // Nothing stands for a topic that is not there.
            if (name is Topic or "mqtt.willtopic" && field.Length == 0) return;
            fields.Add(new WiresharkField(name, field.Offset, field.Length, field.Mask, field.Property));
        }

        private static string? LengthName(RawField value) => value.Name switch
        {
            FieldName.ProtocolName => "mqtt.proto_len",
            FieldName.ClientIdentifier => "mqtt.clientid_len",
            FieldName.WillTopic => "mqtt.willtopic_len",
            FieldName.WillPayload => "mqtt.willmsg_len",
            FieldName.UserName => "mqtt.username_len",
            FieldName.Password => "mqtt.passwd_len",
            FieldName.TopicName or FieldName.TopicFilter => "mqtt.topic_len",
            FieldName.UserPropertyName => "mqtt.prop_key_len",
            FieldName.UserPropertyValue => "mqtt.prop_value_len",
            FieldName.PropertyValue when value.Property != PropertyId.ContentType => "mqtt.prop_string_len",
            _ => null,
        };

        private string? NameOf(RawField field) => field.Name switch
        {
            FieldName.Flags => "mqtt.hdr_reserved",
            FieldName.Dup => "mqtt.dupflag",
            FieldName.QoS => "mqtt.qos",
            FieldName.Retain => "mqtt.retain",
            FieldName.RemainingLength => "mqtt.len",
            FieldName.ProtocolName => "mqtt.protoname",
            FieldName.ProtocolLevel => "mqtt.ver",
            FieldName.PasswordFlag => "mqtt.conflag.passwd",
            FieldName.WillRetain => "mqtt.conflag.retain",
            FieldName.WillQoS => "mqtt.conflag.qos",
            FieldName.WillFlag => "mqtt.conflag.willflag",
            FieldName.CleanStart => "mqtt.conflag.cleansess",
            FieldName.KeepAlive => "mqtt.kalive",
            FieldName.ClientIdentifier => "mqtt.clientid",
            FieldName.WillTopic => "mqtt.willtopic",
            FieldName.WillPayload => "mqtt.willmsg",
            FieldName.UserName => "mqtt.username",
            FieldName.Password => "mqtt.passwd",
            FieldName.SessionPresent => "mqtt.conack.flags.sp",
            FieldName.ReturnCode => type == PacketType.Connack ? "mqtt.conack.val" : "mqtt.suback.qos",
            FieldName.ReasonCode => ReasonCodes[(int)type],
            FieldName.PropertyIdentifier => "mqtt.property_id",
            FieldName.UserPropertyName => "mqtt.prop_key",
            FieldName.UserPropertyValue => "mqtt.prop_value",
            FieldName.PacketIdentifier => "mqtt.msgid",
            FieldName.TopicName or FieldName.TopicFilter => Topic,
            FieldName.ApplicationMessage => "mqtt.msg",
            FieldName.MaximumQoS => "mqtt.subscription_options_qos",
            FieldName.NoLocal => "mqtt.subscription_options_nl",
            FieldName.RetainAsPublished => "mqtt.subscription_options_rap",
            FieldName.RetainHandling => "mqtt.subscription_options_retain",
            FieldName.PropertyValue => field.Property switch
            {
                PropertyId.MaximumQoS => "mqtt.property.max_qos",
                PropertyId.TopicAlias => "mqtt.property.topic_alias",
                { } id when PropertyInfo.Of(id).Type is PropertyType.Utf8String or PropertyType.BinaryData => "mqtt.prop_string",
                _ => "mqtt.prop_number",
            },
            _ => null,
        };
    }
}
