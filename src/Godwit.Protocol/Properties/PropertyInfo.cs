// The one table of MQTT 5 properties (table 2-4): reader, writer, checks and the analyser's names all come from here.
using Godwit.Protocol.Topics;
using static Godwit.Protocol.PropertyOwner;
using static Godwit.Protocol.PropertyType;

namespace Godwit.Protocol;

/// <summary>What the specification says of one property.</summary>
public sealed class PropertyInfo
{
    private static readonly PropertyInfo?[] Table = new PropertyInfo?[256];
    private static readonly List<PropertyInfo> Ordered = Build();

    private readonly ushort _owners;
    private readonly uint _minimum, _maximum;

    private PropertyInfo(PropertyId id, string name, PropertyType type, uint minimum, uint maximum, ReadOnlySpan<PropertyOwner> owners)
    {
        Id = id;
        Name = name;
        Type = type;
        _minimum = minimum;
        _maximum = maximum;
        foreach (PropertyOwner owner in owners) _owners |= (ushort)(1 << (int)owner);
    }

    /// <summary>All properties, by identifier.</summary>
    public static IReadOnlyList<PropertyInfo> All => Ordered;

    /// <summary>The identifier.</summary>
    public PropertyId Id { get; }

    /// <summary>The specification's name, for example <c>Message Expiry Interval</c>.</summary>
    public string Name { get; }

    /// <summary>The encoding of the value.</summary>
    public PropertyType Type { get; }

    /// <summary>Its place in <see cref="All"/>: below 32, so that a set of properties fits into a <see cref="uint"/>.</summary>
    internal int Ordinal { get; private set; }

    /// <summary>The property with this identifier, or null.</summary>
    public static PropertyInfo? Find(byte identifier) => Table[identifier];

    /// <summary>The property with this identifier.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such property.</exception>
    public static PropertyInfo Of(PropertyId id) => Table[(byte)id] ?? throw new ArgumentOutOfRangeException(nameof(id), id, "No such property.");

    /// <summary>Whether it may stand there.</summary>
    public bool IsAllowedIn(PropertyOwner owner) => (_owners & (1 << (int)owner)) != 0;

    /// <summary>
    /// Whether it may appear more than once there: User Property anywhere, Subscription Identifier in a PUBLISH to a subscriber
    /// (section 3.3.2.3.8).
    /// </summary>
    public bool IsRepeatable(PropertyOwner owner) =>
        Id == PropertyId.UserProperty || (Id == PropertyId.SubscriptionIdentifier && owner == Publish);

    /// <summary>Null if the value is in its range, otherwise what is wrong.</summary>
    internal Violation? CheckValue(uint number, ReadOnlySpan<byte> text)
    {
        switch (Id)
        {
            case PropertyId.TopicAlias: return number == 0 ? Violations.ZeroTopicAlias : null; // [MQTT-3.3.2-8]
            case PropertyId.ResponseTopic: return TopicName.HasWildcard(text) ? Violations.WildcardInResponseTopic : null; // [MQTT-3.3.2-14]
            default: return number < _minimum || number > _maximum ? Violations.PropertyValue : null;
        }
    }

    private static List<PropertyInfo> Build()
    {
        var all = new List<PropertyInfo>();
        void Add(PropertyId id, string name, PropertyType type, uint minimum, uint maximum, params ReadOnlySpan<PropertyOwner> owners)
        {
            var info = new PropertyInfo(id, name, type, minimum, maximum, owners) { Ordinal = all.Count };
            Table[(byte)id] = info;
            all.Add(info);
        }

        Add(PropertyId.PayloadFormatIndicator, "Payload Format Indicator", PropertyType.Byte, 0, 1, Publish, Will);
        Add(PropertyId.MessageExpiryInterval, "Message Expiry Interval", FourByteInteger, 0, uint.MaxValue, Publish, Will);
        Add(PropertyId.ContentType, "Content Type", Utf8String, 0, 0, Publish, Will);
        Add(PropertyId.ResponseTopic, "Response Topic", Utf8String, 0, 0, Publish, Will);
        Add(PropertyId.CorrelationData, "Correlation Data", BinaryData, 0, 0, Publish, Will);
        Add(PropertyId.SubscriptionIdentifier, "Subscription Identifier", VariableByteInteger, 1, 268_435_455, Publish, Subscribe);
        Add(PropertyId.SessionExpiryInterval, "Session Expiry Interval", FourByteInteger, 0, uint.MaxValue, Connect, Connack, Disconnect);
        Add(PropertyId.AssignedClientIdentifier, "Assigned Client Identifier", Utf8String, 0, 0, Connack);
        Add(PropertyId.ServerKeepAlive, "Server Keep Alive", TwoByteInteger, 0, ushort.MaxValue, Connack);
        Add(PropertyId.AuthenticationMethod, "Authentication Method", Utf8String, 0, 0, Connect, Connack, Auth);
        Add(PropertyId.AuthenticationData, "Authentication Data", BinaryData, 0, 0, Connect, Connack, Auth);
        Add(PropertyId.RequestProblemInformation, "Request Problem Information", PropertyType.Byte, 0, 1, Connect);
        Add(PropertyId.WillDelayInterval, "Will Delay Interval", FourByteInteger, 0, uint.MaxValue, Will);
        Add(PropertyId.RequestResponseInformation, "Request Response Information", PropertyType.Byte, 0, 1, Connect);
        Add(PropertyId.ResponseInformation, "Response Information", Utf8String, 0, 0, Connack);
        Add(PropertyId.ServerReference, "Server Reference", Utf8String, 0, 0, Connack, Disconnect);
        Add(PropertyId.ReasonString, "Reason String", Utf8String, 0, 0, Connack, Puback, Pubrec, Pubrel, Pubcomp, Suback, Unsuback, Disconnect, Auth);
        Add(PropertyId.ReceiveMaximum, "Receive Maximum", TwoByteInteger, 1, ushort.MaxValue, Connect, Connack);
        Add(PropertyId.TopicAliasMaximum, "Topic Alias Maximum", TwoByteInteger, 0, ushort.MaxValue, Connect, Connack);
        Add(PropertyId.TopicAlias, "Topic Alias", TwoByteInteger, 1, ushort.MaxValue, Publish);
        Add(PropertyId.MaximumQoS, "Maximum QoS", PropertyType.Byte, 0, 1, Connack);
        Add(PropertyId.RetainAvailable, "Retain Available", PropertyType.Byte, 0, 1, Connack);
        Add(PropertyId.UserProperty, "User Property", Utf8StringPair, 0, 0, Will, Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp,
            Subscribe, Suback, Unsubscribe, Unsuback, Disconnect, Auth);
        Add(PropertyId.MaximumPacketSize, "Maximum Packet Size", FourByteInteger, 1, uint.MaxValue, Connect, Connack);
        Add(PropertyId.WildcardSubscriptionAvailable, "Wildcard Subscription Available", PropertyType.Byte, 0, 1, Connack);
        Add(PropertyId.SubscriptionIdentifierAvailable, "Subscription Identifier Available", PropertyType.Byte, 0, 1, Connack);
        Add(PropertyId.SharedSubscriptionAvailable, "Shared Subscription Available", PropertyType.Byte, 0, 1, Connack);
        return all;
    }
}
