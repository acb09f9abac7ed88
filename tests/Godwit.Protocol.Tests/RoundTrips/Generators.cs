// Random valid packets of every type and version.
using FsCheck;
using FsCheck.Fluent;
using Godwit.Protocol.Tests.Models;

namespace Godwit.Protocol.Tests.RoundTrips;

internal static class Generators
{
    private static readonly string LongText = new('l', 300);

    private static readonly Gen<ProtocolVersion> AnyVersion = Gen.Elements(ProtocolVersion.V31, ProtocolVersion.V311, ProtocolVersion.V5);
    private static readonly Gen<bool> Flag = Gen.Elements(true, false);
    private static readonly Gen<QoS> AnyQoS = Gen.Elements(QoS.AtMostOnce, QoS.AtLeastOnce, QoS.ExactlyOnce);
    private static readonly Gen<ushort> UInt16 = Gen.OneOf(
        Gen.Elements<ushort>(0, 1, 127, 128, 255, 256, 32_768, 65_535), Gen.Choose(0, 65_535).Select(n => (ushort)n));
    private static readonly Gen<ushort> PacketId = UInt16.Select(n => n == 0 ? (ushort)1 : n);
    private static readonly Gen<uint> UInt32 = Gen.OneOf(
        Gen.Elements(0u, 1u, 65_536u, uint.MaxValue), Gen.Choose(0, int.MaxValue).Select(n => (uint)n * 2 + 1));

    private static readonly Gen<Bytes> Binary = Gen.OneOf(
        Gen.Constant(new Bytes([])),
        Gen.Choose(0, 255).Select(n => (byte)n).ArrayOf().Select(array => new Bytes(array)),
        Gen.Choose(0, 600).Select(n => new Bytes(new byte[n])));

    private static readonly Gen<string> Word = Gen.OneOf(
        Gen.Elements("a", "b", "Ä", "日本", "\U0002A6D4", "\uFEFF", "\uFFFF", "\u0001", "\u007F", " ", "$SYS", LongText),
        Gen.Choose('0', 'z').Select(n => (char)n).Where(c => c != '/').ArrayOf().Select(letters => new string(letters)));

    private static readonly Gen<Bytes> Text = Word.ListOf().Select(words => (Bytes)string.Concat(words));

    public static readonly Gen<string> Topic = Word.NonEmptyListOf().Select(words => string.Join('/', words)).Where(topic => topic.Length > 0);

    public static readonly Gen<string> Filter =
        from levels in Gen.Frequency((4, Word), (2, Gen.Constant("+")), (1, Gen.Constant(""))).NonEmptyListOf()
        from isOpen in Flag
        let filter = string.Join('/', levels) + (isOpen ? "/#" : "")
        select filter.Length == 0 ? "#" : filter;

    private static readonly Gen<Bytes> TopicBytes = Topic.Select(topic => (Bytes)topic);

    public static readonly Gen<PacketModel> Packet = Gen.OneOf(
        Connect(), Connack(), Publish(), PublishAck(), Subscribe(), Suback(), Unsubscribe(), Ping(), Disconnect(), Auth());

    public static Gen<PacketModel> Connect() =>
        from version in AnyVersion
        from clientId in Text
        from cleanStart in Flag
        from keepAlive in UInt16
        from properties in Properties(version, "CONNECT")
        from will in Gen.Frequency((1, Gen.Constant<WillModel?>(null)), (3, Will(version).Select(w => (WillModel?)w)))
        from userName in Optional(Text)
        from password in Optional(Binary)
        select (PacketModel)new ConnectModel(version, clientId)
        {
            CleanStart = cleanStart,
            KeepAlive = keepAlive,
            Properties = WithMethodForData(properties),
            Will = will,
            UserName = userName,
            Password = version == ProtocolVersion.V5 || userName is not null ? password : null,
        };

    public static Gen<PacketModel> Connack() =>
        from version in AnyVersion
        from code in version == ProtocolVersion.V5 ? Code("CONNACK") : Gen.Choose(0, 5).Select(n => (byte)n)
        from sessionPresent in Flag
        from properties in Properties(version, "CONNACK")
        select (PacketModel)new ConnackModel(version, code, sessionPresent && code == 0 && version != ProtocolVersion.V31) { Properties = properties };

    public static Gen<PacketModel> Publish() =>
        from version in AnyVersion
        from topic in TopicBytes
        from payload in Binary
        from dup in Flag
        from qos in AnyQoS
        from retain in Flag
        from packetId in PacketId
        from properties in Properties(version, "PUBLISH")
        from subscriptions in version == ProtocolVersion.V5 ? SubscriptionIdentifiers() : Gen.Constant(new Items<PropertyModel>())
        from aliasOnly in Flag
        select (PacketModel)new PublishModel(version, aliasOnly && properties.Any(p => p.Id == PropertyId.TopicAlias) ? default : topic, payload)
        {
            Dup = dup && (qos != QoS.AtMostOnce || version == ProtocolVersion.V31),
            QoS = qos,
            Retain = retain,
            PacketId = qos == QoS.AtMostOnce ? (ushort)0 : packetId,
            Properties = new([.. properties, .. subscriptions]),
        };

    public static Gen<PacketModel> PublishAck() =>
        from version in AnyVersion
        from type in Gen.Elements(PacketType.Puback, PacketType.Pubrec, PacketType.Pubrel, PacketType.Pubcomp)
        from packetId in PacketId
        from code in version == ProtocolVersion.V5 ? Code(type.Name()) : Gen.Constant((byte)0)
        from properties in Properties(version, type.Name())
        select (PacketModel)new PublishAckModel(type, version, packetId, (ReasonCode)code) { Properties = properties };

    public static Gen<PacketModel> Subscribe() =>
        from version in AnyVersion
        from packetId in PacketId
        from subscriptions in Subscription(version).NonEmptyListOf()
        from properties in Properties(version, "SUBSCRIBE")
        select (PacketModel)new SubscribeModel(version, packetId, new(subscriptions)) { Properties = properties };

    public static Gen<PacketModel> Suback() =>
        from version in AnyVersion
        from type in Gen.Elements(PacketType.Suback, PacketType.Unsuback)
        from packetId in PacketId
        from codes in (version == ProtocolVersion.V5 ? Code(type.Name()) : Gen.Elements<byte>(0, 1, 2, 0x80)).NonEmptyListOf()
        from properties in Properties(version, type.Name())
        let hasCodes = version == ProtocolVersion.V5 || type == PacketType.Suback
        select (PacketModel)new SubackModel(type, version, packetId, hasCodes ? codes.ToArray() : []) { Properties = properties };

    public static Gen<PacketModel> Unsubscribe() =>
        from version in AnyVersion
        from packetId in PacketId
        from filters in Filter.Select(filter => (Bytes)filter).NonEmptyListOf()
        from properties in Properties(version, "UNSUBSCRIBE")
        select (PacketModel)new UnsubscribeModel(version, packetId, new(filters)) { Properties = properties };

    public static Gen<PacketModel> Ping() =>
        from version in AnyVersion
        from type in Gen.Elements(PacketType.Pingreq, PacketType.Pingresp)
        select (PacketModel)new PingModel(type, version);

    public static Gen<PacketModel> Disconnect() =>
        from version in AnyVersion
        from code in version == ProtocolVersion.V5 ? Code("DISCONNECT") : Gen.Constant((byte)0)
        from properties in Properties(version, "DISCONNECT")
        select (PacketModel)new DisconnectModel(version, (ReasonCode)code) { Properties = properties };

    public static Gen<PacketModel> Auth() =>
        from code in Code("AUTH")
        from properties in Properties(ProtocolVersion.V5, "AUTH")
        select (PacketModel)new AuthModel((ReasonCode)code)
        {
            Properties = code == 0 && properties.Count == 0 ? properties : WithMethod(properties),
        };

    private static Gen<WillModel> Will(ProtocolVersion version) =>
        from topic in TopicBytes
        from payload in Binary
        from qos in AnyQoS
        from retain in Flag
        from properties in Properties(version, "WILL")
        select new WillModel(topic, payload, qos, retain) { Properties = properties };

    private static Gen<SubscriptionModel> Subscription(ProtocolVersion version) =>
        from filter in Filter
        from isShared in Flag
        from qos in AnyQoS
        from noLocal in Flag
        from retainAsPublished in Flag
        from handling in Gen.Elements(RetainHandling.Send, RetainHandling.SendIfNew, RetainHandling.DoNotSend)
        select version == ProtocolVersion.V5
            ? new SubscriptionModel(
                isShared ? "$share/group/" + filter : filter, new SubscriptionOptions(qos, noLocal && !isShared, retainAsPublished, handling))
            : new SubscriptionModel(filter, qos);

    private static Gen<byte> Code(string packet) => Gen.Elements(SpecificationTables.ReasonCodesOf(packet));

    private static Gen<Bytes?> Optional(Gen<Bytes> generator) =>
        Gen.OneOf(Gen.Constant<Bytes?>(null), generator.Select(value => (Bytes?)value));

    private static Gen<Items<PropertyModel>> Properties(ProtocolVersion version, string owner)
    {
        if (version != ProtocolVersion.V5) return Gen.Constant(new Items<PropertyModel>());
        IEnumerable<Gen<PropertyModel>> single = SpecificationTables.Properties
            .Where(row => row.Kind != Kind.Pair && row.Owners.Split(' ').Contains(owner))
            .Where(row => (owner, row.Id) != ("PUBLISH", (int)PropertyId.SubscriptionIdentifier)) // may be repeated, see below
            .Select(row => Property((PropertyId)row.Id, row.Kind));
        return
            from all in Gen.CollectToList(single)
            from some in Gen.SubListOf<PropertyModel>(all)
            from user in UserProperty().ListOf()
            from shuffled in Gen.Shuffle(some.Concat(user.Take(5)))
            select new Items<PropertyModel>(shuffled);
    }

    private static Gen<Items<PropertyModel>> SubscriptionIdentifiers() =>
        Gen.OneOf(Gen.Elements(1u, 127u, 128u, 16_383u, 16_384u, 2_097_151u, 2_097_152u, 268_435_455u), Gen.Choose(1, 268_435_455).Select(n => (uint)n))
            .ListOf().Select(numbers => new Items<PropertyModel>(numbers.Take(5).Select(n => new PropertyModel(PropertyId.SubscriptionIdentifier, n))));

    private static Gen<PropertyModel> UserProperty() =>
        from name in Text
        from value in Text
        select PropertyModel.User(name, value);

    private static Gen<PropertyModel> Property(PropertyId id, Kind kind)
    {
        bool isNeverZero = id is PropertyId.ReceiveMaximum or PropertyId.MaximumPacketSize or PropertyId.TopicAlias;
        return kind switch
        {
            Kind.Byte => Gen.Choose(0, 1).Select(n => new PropertyModel(id, (uint)n)), // all properties of one byte are 0 or 1
            Kind.TwoBytes => UInt16.Select(n => new PropertyModel(id, isNeverZero && n == 0 ? 1u : n)),
            Kind.FourBytes => UInt32.Select(n => new PropertyModel(id, isNeverZero && n == 0 ? 1u : n)),
            Kind.VariableByteInteger => Gen.Choose(1, 268_435_455).Select(n => new PropertyModel(id, (uint)n)),
            Kind.Binary => Binary.Select(value => new PropertyModel(id, value)),
            _ when id == PropertyId.ResponseTopic => TopicBytes.Select(value => new PropertyModel(id, value)),
            _ => Text.Select(value => new PropertyModel(id, value)),
        };
    }

    private static Items<PropertyModel> WithMethodForData(Items<PropertyModel> properties) =>
        properties.Any(p => p.Id == PropertyId.AuthenticationData) ? WithMethod(properties) : properties;

    private static Items<PropertyModel> WithMethod(Items<PropertyModel> properties) =>
        properties.Any(p => p.Id == PropertyId.AuthenticationMethod) ? properties : new([.. properties, new(PropertyId.AuthenticationMethod, "m")]);
}
