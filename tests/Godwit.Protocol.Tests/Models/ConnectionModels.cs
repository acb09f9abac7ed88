// CONNECT, CONNACK, PINGREQ, PINGRESP, DISCONNECT, AUTH.
namespace Godwit.Protocol.Tests.Models;

internal sealed record WillModel(Bytes Topic, Bytes Payload, QoS QoS = QoS.AtMostOnce, bool Retain = false)
{
    public Items<PropertyModel> Properties { get; init; } = [];
}

internal sealed record ConnectModel(ProtocolVersion Version, Bytes ClientId) : PacketModel(PacketType.Connect, Version)
{
    public bool CleanStart { get; init; }
    public ushort KeepAlive { get; init; }
    public Items<PropertyModel> Properties { get; init; } = [];
    public WillModel? Will { get; init; }
    public Bytes? UserName { get; init; }
    public Bytes? Password { get; init; }

    public override int Length => Packet().Length;

    public override int Write(Span<byte> destination) => Packet().Write(destination);

    public static ConnectModel From(ConnectPacket packet) => new(packet.Version, new Bytes(packet.ClientId))
    {
        CleanStart = packet.CleanStart,
        KeepAlive = packet.KeepAlive,
        Properties = PropertyModel.Read(packet.Properties),
        Will = packet.HasWill ? WillOf(packet) : null,
        UserName = packet.HasUserName ? new Bytes(packet.UserName) : default(Bytes?),
        Password = packet.HasPassword ? new Bytes(packet.Password) : default(Bytes?),
    };

    public override byte[] Encode()
    {
        int flags = CleanStart ? 0b0000_0010 : 0;
        if (Will is not null) flags |= 0b0000_0100 | (int)Will.QoS * 0b0000_1000 | (Will.Retain ? 0b0010_0000 : 0);
        if (Password is not null) flags |= 0b0100_0000;
        if (UserName is not null) flags |= 0b1000_0000;
        PacketEncoder encoder = new PacketEncoder().Prefixed(Version == ProtocolVersion.V31 ? "MQIsdp" : "MQTT")
            .Byte((int)Version).Byte(flags).TwoBytes(KeepAlive).Properties(Version, Properties).Prefixed(ClientId);
        if (Will is not null) encoder.Properties(Version, Will.Properties).Prefixed(Will.Topic).Prefixed(Will.Payload);
        if (UserName is { } userName) encoder.Prefixed(userName);
        if (Password is { } password) encoder.Prefixed(password);
        return encoder.Packet(0x10);
    }

    private static WillModel WillOf(ConnectPacket packet) =>
        new(new Bytes(packet.WillTopic), new Bytes(packet.WillPayload), packet.WillQoS, packet.WillRetain)
        {
            Properties = PropertyModel.Read(packet.WillProperties),
        };

    private ConnectPacket Packet() => new()
    {
        Version = Version,
        CleanStart = CleanStart,
        KeepAlive = KeepAlive,
        Properties = new MqttProperties(PropertyModel.Write(Properties)),
        ClientId = ClientId.Span,
        HasWill = Will is not null,
        WillTopic = Will is null ? default : Will.Topic.Span,
        WillPayload = Will is null ? default : Will.Payload.Span,
        WillQoS = Will?.QoS ?? QoS.AtMostOnce,
        WillRetain = Will?.Retain ?? false,
        WillProperties = Will is null ? default : new MqttProperties(PropertyModel.Write(Will.Properties)),
        HasUserName = UserName is not null,
        UserName = UserName.GetValueOrDefault().Span,
        HasPassword = Password is not null,
        Password = Password.GetValueOrDefault().Span,
    };
}

internal sealed record ConnackModel(ProtocolVersion Version, byte Code, bool SessionPresent = false) : PacketModel(PacketType.Connack, Version)
{
    public Items<PropertyModel> Properties { get; init; } = [];

    public override int Length => Packet().Length(Version);

    public override int Write(Span<byte> destination) => Packet().Write(destination, Version);

    public static ConnackModel From(ConnackPacket packet, ProtocolVersion version) =>
        new(version, packet.Code, packet.SessionPresent) { Properties = PropertyModel.Read(packet.Properties) };

    public override byte[] Encode() =>
        new PacketEncoder().Byte(SessionPresent ? 1 : 0).Byte(Code).Properties(Version, Properties).Packet(0x20);

    private ConnackPacket Packet() =>
        new() { SessionPresent = SessionPresent, Code = Code, Properties = new MqttProperties(PropertyModel.Write(Properties)) };
}

internal sealed record PingModel(PacketType Type, ProtocolVersion Version) : PacketModel(Type, Version)
{
    private ReadOnlySpan<byte> Packet => Type == PacketType.Pingreq ? PingPacket.Pingreq : PingPacket.Pingresp;

    public override int Length => Packet.Length;

    public override int Write(Span<byte> destination)
    {
        Packet.CopyTo(destination);
        return Packet.Length;
    }

    public override byte[] Encode() => new PacketEncoder().Packet(Type == PacketType.Pingreq ? 0xC0 : 0xD0);
}

internal sealed record DisconnectModel(ProtocolVersion Version, ReasonCode ReasonCode = ReasonCode.Success) : PacketModel(PacketType.Disconnect, Version)
{
    public Items<PropertyModel> Properties { get; init; } = [];

    public override int Length => Packet().Length(Version);

    public override int Write(Span<byte> destination) => Packet().Write(destination, Version);

    public static DisconnectModel From(DisconnectPacket packet, ProtocolVersion version) =>
        new(version, packet.ReasonCode) { Properties = PropertyModel.Read(packet.Properties) };

    public override byte[] Encode()
    {
        var encoder = new PacketEncoder();
        if (ReasonCode != 0 || Properties.Count > 0) encoder.Byte((int)ReasonCode);
        if (Properties.Count > 0) encoder.Properties(Version, Properties);
        return encoder.Packet(0xE0);
    }

    private DisconnectPacket Packet() =>
        new() { ReasonCode = ReasonCode, Properties = new MqttProperties(PropertyModel.Write(Properties)) };
}

internal sealed record AuthModel(ReasonCode ReasonCode) : PacketModel(PacketType.Auth, ProtocolVersion.V5)
{
    public Items<PropertyModel> Properties { get; init; } = [];

    public override int Length => Packet().Length;

    public override int Write(Span<byte> destination) => Packet().Write(destination);

    public static AuthModel From(AuthPacket packet) => new(packet.ReasonCode) { Properties = PropertyModel.Read(packet.Properties) };

    public override byte[] Encode()
    {
        var encoder = new PacketEncoder();
        if (ReasonCode != 0 || Properties.Count > 0) encoder.Byte((int)ReasonCode).Properties(Version, Properties);
        return encoder.Packet(0xF0);
    }

    private AuthPacket Packet() => new() { ReasonCode = ReasonCode, Properties = new MqttProperties(PropertyModel.Write(Properties)) };
}
