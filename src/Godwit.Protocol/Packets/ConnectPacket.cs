// CONNECT (section 3.1), client to server:
//
//   10 | remaining length
//   00 04 M Q T T | level | flags | keep alive (2)         MQTT 3.1: 00 06 M Q I s d p
//   [5.0: property length, properties]
//   client identifier
//   [will flag: [5.0: will properties] will topic, will payload]
//   [user name flag: user name] [password flag: password]
//
//   flags: user name 80 | password 40 | will retain 20 | will QoS 18 | will 04 | clean start 02 | reserved 01
using Godwit.Protocol.Fields;
using Godwit.Protocol.Topics;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>CONNECT: the first packet of a connection. <c>[MQTT-3.1.0-1]</c></summary>
public readonly ref struct ConnectPacket
{
    private const byte UserNameFlag = 0x80, PasswordFlag = 0x40, WillRetainFlag = 0x20, WillFlag = 0x04, CleanStartFlag = 0x02, ReservedFlag = 0x01;

    /// <summary>The protocol version asked for.</summary>
    public required ProtocolVersion Version { get; init; }

    /// <summary>Drop an existing session first; Clean Session before MQTT 5.</summary>
    public bool CleanStart { get; init; }

    /// <summary>Seconds; 0 turns keep alive off.</summary>
    public ushort KeepAlive { get; init; }

    /// <summary>MQTT 5 properties.</summary>
    public MqttProperties Properties { get; init; }

    /// <summary>The client identifier; may be empty. <c>[MQTT-3.1.3-3]</c></summary>
    public ReadOnlySpan<byte> ClientId { get; init; }

    /// <summary>Whether there is a will.</summary>
    public bool HasWill { get; init; }

    /// <summary>The will's topic.</summary>
    public ReadOnlySpan<byte> WillTopic { get; init; }

    /// <summary>The will's payload.</summary>
    public ReadOnlySpan<byte> WillPayload { get; init; }

    /// <summary>The will's QoS.</summary>
    public QoS WillQoS { get; init; }

    /// <summary>Whether the will is to be retained.</summary>
    public bool WillRetain { get; init; }

    /// <summary>The will's MQTT 5 properties.</summary>
    public MqttProperties WillProperties { get; init; }

    /// <summary>Whether there is a user name.</summary>
    public bool HasUserName { get; init; }

    /// <summary>The user name.</summary>
    public ReadOnlySpan<byte> UserName { get; init; }

    /// <summary>Whether there is a password.</summary>
    public bool HasPassword { get; init; }

    /// <summary>The password.</summary>
    public ReadOnlySpan<byte> Password { get; init; }

    private ReadOnlySpan<byte> ProtocolName => Version == ProtocolVersion.V31 ? "MQIsdp"u8 : "MQTT"u8;

    private int RemainingLength =>
        2 + ProtocolName.Length + 4 + FieldWriter.SizeOf(Properties, Version) + 2 + ClientId.Length
        + (HasWill ? FieldWriter.SizeOf(WillProperties, Version) + 4 + WillTopic.Length + WillPayload.Length : 0)
        + (HasUserName ? 2 + UserName.Length : 0) + (HasPassword ? 2 + Password.Length : 0);

    /// <summary>Bytes of the encoded packet.</summary>
    public int Length => PacketFrame.SizeOf(RemainingLength);

    /// <summary>Reads the packet.</summary>
    /// <param name="frame">Its fixed header, from <see cref="PacketFrame.Read"/>.</param>
    /// <param name="packet">Its bytes from the first on.</param>
    /// <param name="connect">
    /// The packet. With <see cref="Violations.ProtocolLevel"/> and <see cref="Violations.ProtocolName"/> its <see cref="Version"/> is
    /// <see cref="ProtocolVersion.Unknown"/>; with other violations the version tells in which form to answer.
    /// </param>
    /// <param name="violation">What is wrong, when the result is false.</param>
    public static bool TryRead(scoped in PacketFrame frame, ReadOnlySpan<byte> packet, out ConnectPacket connect, out Violation? violation)
    {
        return TryRead(frame, packet, default(NoFields), out connect, out violation);
    }

    internal static bool TryRead<TSink>(
        scoped in PacketFrame frame, ReadOnlySpan<byte> packet, TSink sink, out ConnectPacket connect, out Violation? violation)
        where TSink : struct, IFieldSink
    {
        var reader = new FieldReader<TSink>(packet, frame.HeaderLength, frame.Length, ProtocolVersion.Unknown, sink);
        ReadOnlySpan<byte> name = reader.String(FieldName.ProtocolName);
        byte level = reader.Byte(FieldName.ProtocolLevel);
        if (reader.Violation is null)
        {
            reader.Version = VersionOf(name, level, out Violation? versionViolation);
            if (versionViolation is not null) reader.Fail(versionViolation);
            // PacketFrame.Read could not know the version yet. 5.0: [MQTT-1.5.5-1]
            else if (reader.Version == ProtocolVersion.V5 && !frame.HasMinimalLength) reader.Fail(Violations.LengthNotMinimal);
        }
        ProtocolVersion version = reader.Version;

        byte flags = reader.FlagByte();
        bool hasUserName = (flags & UserNameFlag) != 0, hasPassword = (flags & PasswordFlag) != 0, hasWill = (flags & WillFlag) != 0;
        if (reader.Violation is null)
        {
            reader.Bits(FieldName.UserNameFlag, UserNameFlag);
            reader.Bits(FieldName.PasswordFlag, PasswordFlag);
            reader.Bits(FieldName.WillRetain, WillRetainFlag);
            reader.Bits(FieldName.WillQoS, 0x18);
            reader.Bits(FieldName.WillFlag, WillFlag);
            reader.Bits(FieldName.CleanStart, CleanStartFlag);
            reader.Bits(FieldName.Reserved, ReservedFlag);
            if (CheckFlags(flags, version) is { } flagViolation) reader.Fail(flagViolation);
        }

        ushort keepAlive = reader.UInt16(FieldName.KeepAlive);
        MqttProperties properties = reader.Properties(PropertyOwner.Connect);
        if (reader.Violation is null && properties.TryFind(PropertyId.AuthenticationData, out _) && !properties.TryFind(PropertyId.AuthenticationMethod, out _))
            reader.Fail(Violations.AuthenticationDataWithoutMethod);
        ReadOnlySpan<byte> clientId = reader.String(FieldName.ClientIdentifier); // [MQTT-3.1.3-3] [MQTT-3.1.3-4]
        MqttProperties willProperties = default;
        ReadOnlySpan<byte> willTopic = default, willPayload = default;
        if (hasWill && reader.Violation is null) // [MQTT-3.1.2-9]
        {
            willProperties = reader.Properties(PropertyOwner.Will);
            willTopic = reader.String(FieldName.WillTopic);
            if (reader.Violation is null && TopicName.Check(willTopic) is { } topicViolation) reader.Fail(topicViolation);
            willPayload = reader.Binary(FieldName.WillPayload);
        }
        // In MQTT 3.1 the remaining length takes precedence over the next two flags: the fields may be missing.
        bool mayBeMissing = version == ProtocolVersion.V31;
        if (mayBeMissing) hasUserName &= reader.Remaining > 0;
        ReadOnlySpan<byte> userName = hasUserName ? reader.String(FieldName.UserName) : default;
        if (mayBeMissing) hasPassword &= reader.Remaining > 0;
        ReadOnlySpan<byte> password = hasPassword ? reader.Binary(FieldName.Password) : default;
        reader.End();

        violation = reader.Violation;
        connect = new ConnectPacket
        {
            Version = version,
            CleanStart = (flags & CleanStartFlag) != 0,
            KeepAlive = keepAlive,
            Properties = properties,
            ClientId = clientId,
            HasWill = hasWill,
            WillTopic = willTopic,
            WillPayload = willPayload,
            WillQoS = hasWill ? (QoS)(flags >> 3 & 3) : QoS.AtMostOnce,
            WillRetain = hasWill && (flags & WillRetainFlag) != 0,
            WillProperties = willProperties,
            HasUserName = hasUserName,
            UserName = userName,
            HasPassword = hasPassword,
            Password = password,
        };
        return violation is null;
    }

    /// <summary>Writes the packet.</summary>
    /// <returns>How many bytes were written: <see cref="Length"/>.</returns>
    /// <exception cref="ArgumentException">It does not fit, or a field is too long.</exception>
    public int Write(Span<byte> destination)
    {
        var writer = new FieldWriter(destination, PacketType.Connect, 0, RemainingLength);
        writer.Prefixed(ProtocolName);
        writer.Byte((byte)Version);
        writer.Byte((HasUserName ? UserNameFlag : 0) | (HasPassword ? PasswordFlag : 0) | (CleanStart ? CleanStartFlag : 0)
            | (HasWill ? WillFlag | (WillRetain ? WillRetainFlag : 0) | (int)WillQoS << 3 : 0));
        writer.UInt16(KeepAlive);
        writer.Properties(Properties, Version);
        writer.Prefixed(ClientId);
        if (HasWill)
        {
            writer.Properties(WillProperties, Version);
            writer.Prefixed(WillTopic);
            writer.Prefixed(WillPayload);
        }
        if (HasUserName) writer.Prefixed(UserName);
        if (HasPassword) writer.Prefixed(Password);
        return writer.Length;
    }

    private static ProtocolVersion VersionOf(ReadOnlySpan<byte> name, byte level, out Violation? violation)
    {
        violation = null;
        bool isMqtt = name.SequenceEqual("MQTT"u8), isMqIsdp = name.SequenceEqual("MQIsdp"u8);
        if (isMqIsdp && level == 3) return ProtocolVersion.V31;
        if (isMqtt && level is 4 or 5) return (ProtocolVersion)level;
        violation = isMqtt || isMqIsdp ? Violations.ProtocolLevel : Violations.ProtocolName; // [MQTT-3.1.2-2] [MQTT-3.1.2-1]
        return ProtocolVersion.Unknown;
    }

    private static Violation? CheckFlags(byte flags, ProtocolVersion version)
    {
        int willQoS = flags >> 3 & 3;
        bool isStrict = version != ProtocolVersion.V31, hasWill = (flags & WillFlag) != 0; // 3.1 has the server disregard what is not used
        if (isStrict && (flags & ReservedFlag) != 0) return Violations.ReservedConnectFlag; // [MQTT-3.1.2-3]
        if ((isStrict || hasWill) && willQoS == 3) return Violations.WillQoS; // [MQTT-3.1.2-14], 5.0: [MQTT-3.1.2-12]
        if (isStrict && !hasWill)
        {
            if (willQoS != 0) return Violations.WillQoSWithoutWill; // [MQTT-3.1.2-13], 5.0: [MQTT-3.1.2-11]
            if ((flags & WillRetainFlag) != 0) return Violations.WillRetainWithoutWill; // [MQTT-3.1.2-15], 5.0: [MQTT-3.1.2-13]
        }
        return version != ProtocolVersion.V5 && (flags & (UserNameFlag | PasswordFlag)) == PasswordFlag
            ? Violations.PasswordWithoutUserName // 3.1.1: [MQTT-3.1.2-22]
            : null;
    }
}
