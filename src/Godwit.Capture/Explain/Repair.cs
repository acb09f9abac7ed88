// What to change in a packet so that a violation is gone. In place: the least that lets the codec read on, whatever it makes of the value.
using Godwit.Protocol;
using Godwit.Protocol.Fields;

namespace Godwit.Capture.Explain;

internal static class Repair
{
    /// <summary>The field that a violation is about, where that need not be the one that was read last.</summary>
    private static readonly Dictionary<Violation, FieldName> Fields = new()
    {
        [Violations.ReservedPacketType] = FieldName.PacketType,
        [Violations.FixedHeaderFlags] = FieldName.Flags,
        [Violations.PubrelFlags] = FieldName.Flags,
        [Violations.SubscribeFlags] = FieldName.Flags,
        [Violations.UnsubscribeFlags] = FieldName.Flags,
        [Violations.DisconnectFlags] = FieldName.Flags,
        [Violations.AuthFlags] = FieldName.Flags,
        [Violations.PublishQoS] = FieldName.QoS,
        [Violations.DupAtQoS0] = FieldName.Dup,
        [Violations.PacketTooLarge] = FieldName.RemainingLength,
        [Violations.ProtocolName] = FieldName.ProtocolName,
        [Violations.ProtocolLevel] = FieldName.ProtocolLevel,
        [Violations.ReservedConnectFlag] = FieldName.Reserved,
        [Violations.WillQoSWithoutWill] = FieldName.WillQoS,
        [Violations.WillQoS] = FieldName.WillQoS,
        [Violations.WillRetainWithoutWill] = FieldName.WillRetain,
        [Violations.PasswordWithoutUserName] = FieldName.PasswordFlag,
        [Violations.ConnackFlags] = FieldName.Reserved,
        [Violations.SessionPresentInRefusal] = FieldName.SessionPresent,
        [Violations.EmptyTopicName] = FieldName.TopicName,
        [Violations.SubscriptionOptions] = FieldName.Reserved,
        [Violations.SubscriptionQoS] = FieldName.MaximumQoS,
        [Violations.RetainHandling] = FieldName.RetainHandling,
        [Violations.NoLocalOnShared] = FieldName.NoLocal,
    };

    /// <summary>The field that the violation is about; null for the one that was read last.</summary>
    public static FieldName? FieldOf(Violation violation) => Fields.TryGetValue(violation, out FieldName name) ? name : null;

    /// <summary>Changes the packet so that it is read beyond the violation, without moving anything.</summary>
    /// <returns>False if that cannot be done.</returns>
    public static bool InPlace(Span<byte> packet, Violation violation, List<RawField> fields, PlacedViolation placed)
    {
        if (violation == Violations.PasswordWithoutUserName || violation == Violations.EmptyTopicName) return false;
        if (violation == Violations.ProtocolName || violation == Violations.ProtocolLevel) return Protocol(packet, fields);
        if (Fields.TryGetValue(violation, out FieldName name))
        {
            RawField bits = fields.FindLast(field => field.Name == name);
            packet[bits.Offset] &= (byte)~bits.Mask;
            return true;
        }
        RawField last = fields[^1];
        Span<byte> value = packet.Slice(last.Offset, last.Length);
        if (violation == Violations.ZeroPacketId || violation == Violations.PropertyValue || violation == Violations.ZeroTopicAlias)
        {
            value.Clear();
            value[^1] = 1;
            return true;
        }
        if (IsText(violation) && value.Length > 0)
        {
            value.Fill((byte)'x');
            return true;
        }
        if (last.Name is FieldName.ReasonCode or FieldName.ReturnCode && placed.Length == 1)
        {
            value[0] = 0;
            return true;
        }
        return false;
    }

    private static bool IsText(Violation violation) =>
        violation == Violations.IllFormedUtf8 || violation == Violations.NullCharacter || violation == Violations.WildcardInTopicName
        || violation == Violations.WildcardInResponseTopic || violation == Violations.MultiLevelWildcard || violation == Violations.SingleLevelWildcard
        || violation == Violations.EmptyShareName || violation == Violations.ShareName;

    private static bool Protocol(Span<byte> packet, List<RawField> fields)
    {
        RawField name = fields.FindLast(field => field.Name == FieldName.ProtocolName), level = fields.FindLast(field => field.Name == FieldName.ProtocolLevel);
        ReadOnlySpan<byte> right = name.Length == 4 ? "MQTT"u8 : "MQIsdp"u8;
        if (level.Length == 0 || name.Length != right.Length) return false;
        right.CopyTo(packet[name.Offset..]);
        ref byte value = ref packet[level.Offset];
        if (name.Length == 6) value = 3;
        else if (value is not (4 or 5)) value = (byte)(Fits(packet, 4, level.Offset) || !Fits(packet, 5, level.Offset) ? 4 : 5);
        return true;
    }

    private static bool Fits(ReadOnlySpan<byte> packet, byte level, int offset)
    {
        byte[] copy = packet.ToArray();
        copy[offset] = level;
        return PacketFrame.Read(copy, ProtocolVersion.Unknown, int.MaxValue, out PacketFrame frame, out _) == FrameStatus.Complete
            && ConnectPacket.TryRead(frame, copy, out _, out _);
    }
}
