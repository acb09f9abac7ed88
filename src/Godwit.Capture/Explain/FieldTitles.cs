// What each field is called, and which section defines it, in the three versions of the standard: 3.1.1 has Clean Session where 5.0 has Clean
// Start, and the numbers differ throughout.
using Godwit.Protocol;
using Godwit.Protocol.Fields;

namespace Godwit.Capture.Explain;

internal static class FieldTitles
{
    // Sections of 5.0 that hold a packet's properties, in which each property has a number of its own, from 2 on (1 is the length).
    private static readonly Dictionary<PropertyOwner, (string Section, PropertyId[] Order)> Properties = new()
    {
        [PropertyOwner.Connect] = ("3.1.2.11", [PropertyId.SessionExpiryInterval, PropertyId.ReceiveMaximum, PropertyId.MaximumPacketSize, PropertyId.TopicAliasMaximum,
            PropertyId.RequestResponseInformation, PropertyId.RequestProblemInformation, PropertyId.UserProperty, PropertyId.AuthenticationMethod, PropertyId.AuthenticationData]),
        [PropertyOwner.Will] = ("3.1.3.2", [PropertyId.WillDelayInterval, PropertyId.PayloadFormatIndicator, PropertyId.MessageExpiryInterval, PropertyId.ContentType,
            PropertyId.ResponseTopic, PropertyId.CorrelationData, PropertyId.UserProperty]),
        [PropertyOwner.Connack] = ("3.2.2.3", [PropertyId.SessionExpiryInterval, PropertyId.ReceiveMaximum, PropertyId.MaximumQoS, PropertyId.RetainAvailable,
            PropertyId.MaximumPacketSize, PropertyId.AssignedClientIdentifier, PropertyId.TopicAliasMaximum, PropertyId.ReasonString, PropertyId.UserProperty,
            PropertyId.WildcardSubscriptionAvailable, PropertyId.SubscriptionIdentifierAvailable, PropertyId.SharedSubscriptionAvailable, PropertyId.ServerKeepAlive,
            PropertyId.ResponseInformation, PropertyId.ServerReference, PropertyId.AuthenticationMethod, PropertyId.AuthenticationData]),
        [PropertyOwner.Publish] = ("3.3.2.3", [PropertyId.PayloadFormatIndicator, PropertyId.MessageExpiryInterval, PropertyId.TopicAlias, PropertyId.ResponseTopic,
            PropertyId.CorrelationData, PropertyId.UserProperty, PropertyId.SubscriptionIdentifier, PropertyId.ContentType]),
        [PropertyOwner.Puback] = ("3.4.2.2", [PropertyId.ReasonString, PropertyId.UserProperty]),
        [PropertyOwner.Pubrec] = ("3.5.2.2", [PropertyId.ReasonString, PropertyId.UserProperty]),
        [PropertyOwner.Pubrel] = ("3.6.2.2", [PropertyId.ReasonString, PropertyId.UserProperty]),
        [PropertyOwner.Pubcomp] = ("3.7.2.2", [PropertyId.ReasonString, PropertyId.UserProperty]),
        [PropertyOwner.Subscribe] = ("3.8.2.1", [PropertyId.SubscriptionIdentifier, PropertyId.UserProperty]),
        [PropertyOwner.Suback] = ("3.9.2.1", [PropertyId.ReasonString, PropertyId.UserProperty]),
        [PropertyOwner.Unsubscribe] = ("3.10.2.1", [PropertyId.UserProperty]),
        [PropertyOwner.Unsuback] = ("3.11.2.1", [PropertyId.ReasonString, PropertyId.UserProperty]),
        [PropertyOwner.Disconnect] = ("3.14.2.2", [PropertyId.SessionExpiryInterval, PropertyId.ReasonString, PropertyId.UserProperty, PropertyId.ServerReference]),
        [PropertyOwner.Auth] = ("3.15.2.2", [PropertyId.AuthenticationMethod, PropertyId.AuthenticationData, PropertyId.ReasonString, PropertyId.UserProperty]),
    };

    /// <summary>The field's name in this version.</summary>
    public static string Name(FieldName name, PacketType type, ProtocolVersion version) => name switch
    {
        FieldName.CleanStart when version != ProtocolVersion.V5 => "Clean Session",
        FieldName.ProtocolLevel => version switch { ProtocolVersion.V5 => "Protocol Version", ProtocolVersion.V31 => "Protocol Version Number", _ => "Protocol Level" },
        FieldName.WillPayload when version != ProtocolVersion.V5 => "Will Message",
        FieldName.PacketIdentifier when version == ProtocolVersion.V31 => "Message ID",
        FieldName.MaximumQoS when version != ProtocolVersion.V5 => "Requested QoS",
        FieldName.ReturnCode when type == PacketType.Connack => "Connect Return Code",
        FieldName.ReturnCode when version == ProtocolVersion.V31 => "Granted QoS",
        FieldName.ReasonCode when type == PacketType.Connack => "Connect Reason Code",
        _ => name.Text(),
    };

    /// <summary>The section of this version's standard that defines the field.</summary>
    public static string Section(FieldName name, PacketType type, ProtocolVersion version) => version switch
    {
        ProtocolVersion.V5 => Section5(name, type),
        ProtocolVersion.V31 => Section31(name, type),
        _ => Section311(name, type),
    };

    /// <summary>The section of 5.0 that defines the properties there, or one of them.</summary>
    public static string PropertySection(PropertyOwner owner, PropertyId? id)
    {
        (string section, PropertyId[] order) = Properties[owner];
        return id is null ? section : $"{section}.{Array.IndexOf(order, id.Value) + 2}";
    }

    private static string Section5(FieldName name, PacketType type) => name switch
    {
        FieldName.Reserved => type switch { PacketType.Connect => "3.1.2.3", PacketType.Connack => "3.2.2.1", _ => "3.8.3.1" },
        FieldName.TopicFilter when type == PacketType.Unsubscribe => "3.10.3",
        FieldName.ReasonCode => type switch
        {
            PacketType.Connack => "3.2.2.2",
            PacketType.Suback => "3.9.3",
            PacketType.Unsuback => "3.11.3",
            _ => $"3.{(int)type}.2.1",
        },
        _ => name.Section(),
    };

    private static string Section311(FieldName name, PacketType type) => name switch
    {
        FieldName.PacketType => "2.2.1",
        FieldName.Flags => "2.2.2",
        FieldName.RemainingLength => "2.2.3",
        FieldName.Length => "1.5.3",
        FieldName.Reserved => type switch { PacketType.Connect => "3.1.2.3", PacketType.Connack => "3.2.2.1", _ => "3.8.3" },
        FieldName.WillPayload => "3.1.3.3",
        FieldName.UserName => "3.1.3.4",
        FieldName.Password => "3.1.3.5",
        FieldName.SessionPresent => "3.2.2.2",
        FieldName.ReturnCode => type == PacketType.Suback ? "3.9.3" : "3.2.2.3",
        FieldName.PacketIdentifier => "2.3.1",
        FieldName.TopicFilter when type == PacketType.Unsubscribe => "3.10.3",
        FieldName.MaximumQoS => "3.8.3",
        FieldName.WillTopic => "3.1.3.2",
        _ => name.Section(),
    };

    // 3.1 has one section for each packet.
    private static string Section31(FieldName name, PacketType type) => name switch
    {
        FieldName.PacketType or FieldName.Flags or FieldName.Dup or FieldName.QoS or FieldName.Retain or FieldName.RemainingLength => "2.1",
        FieldName.Length => "2.5",
        FieldName.PacketIdentifier => "2.4",
        _ => $"3.{(int)type}",
    };
}
