// PUBLISH and its acknowledgements, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK.
namespace Godwit.Protocol.Tests.Models;

internal sealed record PublishModel(ProtocolVersion Version, Bytes Topic, Bytes Payload) : PacketModel(PacketType.Publish, Version)
{
    public bool Dup { get; init; }
    public QoS QoS { get; init; }
    public bool Retain { get; init; }
    public ushort PacketId { get; init; }
    public Items<PropertyModel> Properties { get; init; } = [];

    public override int Length => Packet().Length(Version);

    public override int Write(Span<byte> destination) => Packet().Write(destination, Version);

    public static PublishModel From(PublishPacket packet, ProtocolVersion version) =>
        new(version, new Bytes(packet.Topic), new Bytes(packet.Payload))
    {
        Dup = packet.Dup,
        QoS = packet.QoS,
        Retain = packet.Retain,
        PacketId = packet.PacketId,
        Properties = PropertyModel.Read(packet.Properties),
    };

    public override byte[] Encode()
    {
        PacketEncoder encoder = new PacketEncoder().Prefixed(Topic);
        if (QoS > 0) encoder.TwoBytes(PacketId);
        return encoder.Properties(Version, Properties).Raw(Payload).Packet(0x30 + (Dup ? 8 : 0) + (int)QoS * 2 + (Retain ? 1 : 0));
    }

    private PublishPacket Packet() => new()
    {
        Dup = Dup,
        QoS = QoS,
        Retain = Retain,
        Topic = Topic.Span,
        PacketId = PacketId,
        Properties = new MqttProperties(PropertyModel.Write(Properties)),
        Payload = Payload.Span,
    };
}

internal sealed record PublishAckModel(PacketType Type, ProtocolVersion Version, ushort PacketId, ReasonCode ReasonCode = ReasonCode.Success)
    : PacketModel(Type, Version)
{
    public Items<PropertyModel> Properties { get; init; } = [];

    public override int Length => Packet().Length(Version);

    public override int Write(Span<byte> destination) => Packet().Write(destination, Version);

    public static PublishAckModel From(PublishAckPacket packet, ProtocolVersion version) =>
        new(packet.Type, version, packet.PacketId, packet.ReasonCode) { Properties = PropertyModel.Read(packet.Properties) };

    public override byte[] Encode()
    {
        PacketEncoder encoder = new PacketEncoder().TwoBytes(PacketId);
        if (ReasonCode != 0 || Properties.Count > 0) encoder.Byte((int)ReasonCode);
        if (Properties.Count > 0) encoder.Properties(Version, Properties);
        return encoder.Packet(Type switch { PacketType.Puback => 0x40, PacketType.Pubrec => 0x50, PacketType.Pubrel => 0x62, _ => 0x70 });
    }

    private PublishAckPacket Packet() =>
        new() { Type = Type, PacketId = PacketId, ReasonCode = ReasonCode, Properties = new MqttProperties(PropertyModel.Write(Properties)) };
}

internal sealed record SubscriptionModel(Bytes Filter, SubscriptionOptions Options)
{
    public SubscriptionModel(Bytes filter, QoS maximumQoS) : this(filter, new SubscriptionOptions(maximumQoS)) { }
}

internal sealed record SubscribeModel(ProtocolVersion Version, ushort PacketId, Items<SubscriptionModel> Subscriptions)
    : PacketModel(PacketType.Subscribe, Version)
{
    public Items<PropertyModel> Properties { get; init; } = [];

    public override int Length => Packet().Length(Version);

    public override int Write(Span<byte> destination) => Packet().Write(destination, Version);

    public static SubscribeModel From(SubscribePacket packet, ProtocolVersion version)
    {
        var subscriptions = new Items<SubscriptionModel>();
        foreach (RequestedSubscription subscription in packet.Subscriptions)
            subscriptions.Add(new SubscriptionModel(new Bytes(subscription.Filter), subscription.Options));
        return new SubscribeModel(version, packet.PacketId, subscriptions) { Properties = PropertyModel.Read(packet.Properties) };
    }

    public override byte[] Encode()
    {
        PacketEncoder encoder = new PacketEncoder().TwoBytes(PacketId).Properties(Version, Properties);
        foreach ((Bytes filter, SubscriptionOptions options) in Subscriptions)
        {
            encoder.Prefixed(filter).Byte(
                (int)options.RetainHandling * 16 + (options.RetainAsPublished ? 8 : 0) + (options.NoLocal ? 4 : 0) + (int)options.MaximumQoS);
        }
        return encoder.Packet(0x82);
    }

    private SubscribePacket Packet()
    {
        byte[] encoded = new byte[Subscriptions.Sum(s => 3 + s.Filter.Length)];
        int length = 0;
        foreach ((Bytes filter, SubscriptionOptions options) in Subscriptions) length += SubscriptionList.Write(encoded.AsSpan(length), filter.Span, options);
        return new SubscribePacket
        {
            PacketId = PacketId,
            Properties = new MqttProperties(PropertyModel.Write(Properties)),
            Subscriptions = new SubscriptionList(encoded),
        };
    }
}

internal sealed record UnsubscribeModel(ProtocolVersion Version, ushort PacketId, Items<Bytes> Filters) : PacketModel(PacketType.Unsubscribe, Version)
{
    public Items<PropertyModel> Properties { get; init; } = [];

    public override int Length => Packet().Length(Version);

    public override int Write(Span<byte> destination) => Packet().Write(destination, Version);

    public static UnsubscribeModel From(UnsubscribePacket packet, ProtocolVersion version)
    {
        var filters = new Items<Bytes>();
        foreach (ReadOnlySpan<byte> filter in packet.Filters) filters.Add(new Bytes(filter));
        return new UnsubscribeModel(version, packet.PacketId, filters) { Properties = PropertyModel.Read(packet.Properties) };
    }

    public override byte[] Encode()
    {
        PacketEncoder encoder = new PacketEncoder().TwoBytes(PacketId).Properties(Version, Properties);
        foreach (Bytes filter in Filters) encoder.Prefixed(filter);
        return encoder.Packet(0xA2);
    }

    private UnsubscribePacket Packet()
    {
        byte[] encoded = new byte[Filters.Sum(f => 2 + f.Length)];
        int length = 0;
        foreach (Bytes filter in Filters) length += FilterList.Write(encoded.AsSpan(length), filter.Span);
        return new UnsubscribePacket
        {
            PacketId = PacketId,
            Properties = new MqttProperties(PropertyModel.Write(Properties)),
            Filters = new FilterList(encoded),
        };
    }
}

internal sealed record SubackModel(PacketType Type, ProtocolVersion Version, ushort PacketId, Bytes Codes) : PacketModel(Type, Version)
{
    public Items<PropertyModel> Properties { get; init; } = [];

    public override int Length => Packet().Length(Version);

    public override int Write(Span<byte> destination) => Packet().Write(destination, Version);

    public static SubackModel From(SubackPacket packet, ProtocolVersion version) =>
        new(packet.Type, version, packet.PacketId, new Bytes(packet.Codes)) { Properties = PropertyModel.Read(packet.Properties) };

    public override byte[] Encode() =>
        new PacketEncoder().TwoBytes(PacketId).Properties(Version, Properties).Raw(Codes).Packet(Type == PacketType.Suback ? 0x90 : 0xB0);

    private SubackPacket Packet() =>
        new() { Type = Type, PacketId = PacketId, Properties = new MqttProperties(PropertyModel.Write(Properties)), Codes = Codes.Span };
}
