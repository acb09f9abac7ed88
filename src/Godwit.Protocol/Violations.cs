// The catalogue of everything that can be wrong with the bytes of a packet. Statement ids: MQTT 3.1.1 first, MQTT 5.0 second.
// Where a version has no statement of its own, its general rule stands: [MQTT-4.8.0-1] and [MQTT-4.13.1-1].
using static Godwit.Protocol.ReasonCode;

namespace Godwit.Protocol;

/// <summary>Every <see cref="Violation"/> the codec can report.</summary>
public static class Violations
{
    private const string Any311 = "MQTT-4.8.0-1", Any5 = "MQTT-4.13.1-1";
    private static readonly List<Violation> Catalogue = [];

    // Fixed header (section 2.1)
    /// <summary>Packet type 0, or 15 before MQTT 5.</summary>
    public static readonly Violation ReservedPacketType = Add("reserved-packet-type", MalformedPacket, Any311, Any5, "The packet type is reserved");
    /// <summary>The low four bits are not what the type demands.</summary>
    public static readonly Violation FixedHeaderFlags = Add("fixed-header-flags", MalformedPacket, "MQTT-2.2.2-2", "MQTT-2.1.3-1", "The fixed header's flag bits are not those of the packet type");
    /// <summary>PUBREL's flags are not 0010.</summary>
    public static readonly Violation PubrelFlags = Add("pubrel-flags", MalformedPacket, "MQTT-3.6.1-1", "MQTT-3.6.1-1", "PUBREL's flag bits are not 0010");
    /// <summary>SUBSCRIBE's flags are not 0010.</summary>
    public static readonly Violation SubscribeFlags = Add("subscribe-flags", MalformedPacket, "MQTT-3.8.1-1", "MQTT-3.8.1-1", "SUBSCRIBE's flag bits are not 0010");
    /// <summary>UNSUBSCRIBE's flags are not 0010.</summary>
    public static readonly Violation UnsubscribeFlags = Add("unsubscribe-flags", MalformedPacket, "MQTT-3.10.1-1", "MQTT-3.10.1-1", "UNSUBSCRIBE's flag bits are not 0010");
    /// <summary>DISCONNECT's flags are not 0.</summary>
    public static readonly Violation DisconnectFlags = Add("disconnect-flags", MalformedPacket, "MQTT-3.14.1-1", "MQTT-3.14.1-1", "DISCONNECT's flag bits are not 0000");
    /// <summary>AUTH's flags are not 0.</summary>
    public static readonly Violation AuthFlags = Add("auth-flags", MalformedPacket, null, "MQTT-3.15.1-1", "AUTH's flag bits are not 0000");
    /// <summary>A variable byte integer of more than four bytes.</summary>
    public static readonly Violation LengthTooLong = Add("length-too-long", MalformedPacket, Any311, Any5, "A length is encoded in more than four bytes");
    /// <summary>A variable byte integer with needless bytes.</summary>
    public static readonly Violation LengthNotMinimal = Add("length-not-minimal", MalformedPacket, null, "MQTT-1.5.5-1", "A variable byte integer is not encoded in the fewest bytes");
    /// <summary>Longer than the receiver allows.</summary>
    public static readonly Violation PacketTooLarge = Add("packet-too-large", ReasonCode.PacketTooLarge, Any311, "MQTT-3.2.2-15", "The packet is larger than the maximum packet size");

    // Data types (section 1.5)
    /// <summary>A field ends after the packet does.</summary>
    public static readonly Violation Truncated = Add("truncated", MalformedPacket, Any311, Any5, "A field reaches beyond the end of the packet");
    /// <summary>Bytes are left after the last field.</summary>
    public static readonly Violation TrailingBytes = Add("trailing-bytes", MalformedPacket, Any311, Any5, "There are bytes after the packet's last field");
    /// <summary>Not UTF-8, or surrogates.</summary>
    public static readonly Violation IllFormedUtf8 = Add("ill-formed-utf8", MalformedPacket, "MQTT-1.5.3-1", "MQTT-1.5.4-1", "A string is not well-formed UTF-8");
    /// <summary>U+0000 in a string.</summary>
    public static readonly Violation NullCharacter = Add("null-character", MalformedPacket, "MQTT-1.5.3-2", "MQTT-1.5.4-2", "A string contains U+0000");
    /// <summary>Packet identifier 0.</summary>
    public static readonly Violation ZeroPacketId = Add("zero-packet-id", ProtocolError, "MQTT-2.3.1-1", "MQTT-2.2.1-3", "The packet identifier is 0");

    // Properties (MQTT 5 section 2.2.2)
    /// <summary>An identifier the specification does not know.</summary>
    public static readonly Violation UnknownProperty = Add("unknown-property", MalformedPacket, null, Any5, "A property identifier is not known");
    /// <summary>A known property in a packet that cannot have it.</summary>
    public static readonly Violation PropertyNotAllowed = Add("property-not-allowed", MalformedPacket, null, Any5, "A property stands in a packet that it is not defined for");
    /// <summary>A property twice that may stand once.</summary>
    public static readonly Violation DuplicateProperty = Add("duplicate-property", ProtocolError, null, Any5, "A property appears more than once");
    /// <summary>A property value outside its range.</summary>
    public static readonly Violation PropertyValue = Add("property-value", ProtocolError, null, Any5, "A property's value is outside its range");

    // CONNECT (section 3.1)
    /// <summary>Neither MQTT nor MQIsdp.</summary>
    public static readonly Violation ProtocolName = Add("protocol-name", UnsupportedProtocolVersion, "MQTT-3.1.2-1", "MQTT-3.1.2-1", "The protocol name is not MQTT");
    /// <summary>A level other than 3 (MQIsdp), 4 or 5.</summary>
    public static readonly Violation ProtocolLevel = Add("protocol-level", UnsupportedProtocolVersion, "MQTT-3.1.2-2", "MQTT-3.1.2-2", "The protocol level is not supported");
    /// <summary>Bit 0 of the connect flags.</summary>
    public static readonly Violation ReservedConnectFlag = Add("reserved-connect-flag", MalformedPacket, "MQTT-3.1.2-3", "MQTT-3.1.2-3", "The reserved bit of the connect flags is set");
    /// <summary>Will QoS without will.</summary>
    public static readonly Violation WillQoSWithoutWill = Add("will-qos-without-will", MalformedPacket, "MQTT-3.1.2-13", "MQTT-3.1.2-11", "Will QoS is set without the will flag");
    /// <summary>Will retain without will.</summary>
    public static readonly Violation WillRetainWithoutWill = Add("will-retain-without-will", MalformedPacket, "MQTT-3.1.2-15", "MQTT-3.1.2-13", "Will retain is set without the will flag");
    /// <summary>Will QoS 3.</summary>
    public static readonly Violation WillQoS = Add("will-qos-3", MalformedPacket, "MQTT-3.1.2-14", "MQTT-3.1.2-12", "Will QoS is 3");
    /// <summary>Password without user name before MQTT 5.</summary>
    public static readonly Violation PasswordWithoutUserName = Add("password-without-user-name", MalformedPacket, "MQTT-3.1.2-22", null, "The password flag is set without the user name flag");
    /// <summary>Authentication data without a method.</summary>
    public static readonly Violation AuthenticationDataWithoutMethod = Add("authentication-data-without-method", ProtocolError, null, Any5, "Authentication data comes without an authentication method");
    /// <summary>AUTH without a method.</summary>
    public static readonly Violation AuthenticationMethodMissing = Add("authentication-method-missing", ProtocolError, null, Any5, "AUTH comes without an authentication method");

    // CONNACK (section 3.2)
    /// <summary>Bits 7 to 1 of the acknowledge flags.</summary>
    public static readonly Violation ConnackFlags = Add("connack-flags", MalformedPacket, Any311, "MQTT-3.2.2-1", "Reserved bits of the acknowledge flags are set");
    /// <summary>Session present in a refusal.</summary>
    public static readonly Violation SessionPresentInRefusal = Add("session-present-in-refusal", ProtocolError, "MQTT-3.2.2-4", "MQTT-3.2.2-6", "Session present is set although the connection is refused");

    // PUBLISH (section 3.3)
    /// <summary>QoS 3.</summary>
    public static readonly Violation PublishQoS = Add("publish-qos-3", MalformedPacket, "MQTT-3.3.1-4", "MQTT-3.3.1-4", "PUBLISH has both QoS bits set");
    /// <summary>DUP at QoS 0.</summary>
    public static readonly Violation DupAtQoS0 = Add("dup-at-qos-0", MalformedPacket, "MQTT-3.3.1-2", "MQTT-3.3.1-2", "DUP is set in a PUBLISH of QoS 0");
    /// <summary>A wildcard in a topic name.</summary>
    public static readonly Violation WildcardInTopicName = Add("wildcard-in-topic-name", MalformedPacket, "MQTT-3.3.2-2", "MQTT-3.3.2-2", "The topic name contains a wildcard character");
    /// <summary>An empty topic name (in MQTT 5: without a topic alias).</summary>
    public static readonly Violation EmptyTopicName = Add("empty-topic-name", ProtocolError, "MQTT-4.7.3-1", "MQTT-4.7.3-1", "The topic name is empty");
    /// <summary>A wildcard in a response topic.</summary>
    public static readonly Violation WildcardInResponseTopic = Add("wildcard-in-response-topic", MalformedPacket, null, "MQTT-3.3.2-14", "The response topic contains a wildcard character");
    /// <summary>Topic alias 0.</summary>
    public static readonly Violation ZeroTopicAlias = Add("zero-topic-alias", TopicAliasInvalid, null, "MQTT-3.3.2-8", "The topic alias is 0");

    // Acknowledgements
    /// <summary>A reason code that PUBACK does not have.</summary>
    public static readonly Violation PubackReasonCode = Add("puback-reason-code", ProtocolError, null, "MQTT-3.4.2-1", "PUBACK has a reason code that is not its own");
    /// <summary>A reason code that PUBREC does not have.</summary>
    public static readonly Violation PubrecReasonCode = Add("pubrec-reason-code", ProtocolError, null, "MQTT-3.5.2-1", "PUBREC has a reason code that is not its own");
    /// <summary>A reason code that PUBREL does not have.</summary>
    public static readonly Violation PubrelReasonCode = Add("pubrel-reason-code", ProtocolError, null, "MQTT-3.6.2-1", "PUBREL has a reason code that is not its own");
    /// <summary>A reason code that PUBCOMP does not have.</summary>
    public static readonly Violation PubcompReasonCode = Add("pubcomp-reason-code", ProtocolError, null, "MQTT-3.7.2-1", "PUBCOMP has a reason code that is not its own");
    /// <summary>A reason or return code that CONNACK does not have.</summary>
    public static readonly Violation ConnackReasonCode = Add("connack-reason-code", ProtocolError, Any311, "MQTT-3.2.2-8", "CONNACK has a reason code that is not its own");
    /// <summary>A reason or return code that SUBACK does not have.</summary>
    public static readonly Violation SubackReasonCode = Add("suback-reason-code", ProtocolError, "MQTT-3.9.3-2", "MQTT-3.9.3-2", "SUBACK has a reason code that is not its own");
    /// <summary>A reason code that UNSUBACK does not have.</summary>
    public static readonly Violation UnsubackReasonCode = Add("unsuback-reason-code", ProtocolError, null, "MQTT-3.11.3-2", "UNSUBACK has a reason code that is not its own");
    /// <summary>A reason code that DISCONNECT does not have.</summary>
    public static readonly Violation DisconnectReasonCode = Add("disconnect-reason-code", ProtocolError, null, "MQTT-3.14.2-1", "DISCONNECT has a reason code that is not its own");
    /// <summary>A reason code that AUTH does not have.</summary>
    public static readonly Violation AuthReasonCode = Add("auth-reason-code", ProtocolError, null, "MQTT-3.15.2-1", "AUTH has a reason code that is not its own");

    // SUBSCRIBE, UNSUBSCRIBE (sections 3.8, 3.10) and filters (4.7, 4.8.2)
    /// <summary>SUBSCRIBE without a filter.</summary>
    public static readonly Violation SubscribeWithoutFilter = Add("subscribe-without-filter", ProtocolError, "MQTT-3.8.3-3", "MQTT-3.8.3-2", "SUBSCRIBE has no topic filter");
    /// <summary>UNSUBSCRIBE without a filter.</summary>
    public static readonly Violation UnsubscribeWithoutFilter = Add("unsubscribe-without-filter", ProtocolError, "MQTT-3.10.3-2", "MQTT-3.10.3-2", "UNSUBSCRIBE has no topic filter");
    /// <summary>Reserved bits in the subscription options.</summary>
    public static readonly Violation SubscriptionOptions = Add("subscription-options", MalformedPacket, "MQTT-3.8.3-4", "MQTT-3.8.3-5", "Reserved bits of the subscription options are set");
    /// <summary>QoS 3 in the subscription options.</summary>
    public static readonly Violation SubscriptionQoS = Add("subscription-qos-3", ProtocolError, "MQTT-3.8.3-4", Any5, "The maximum QoS of a subscription is 3");
    /// <summary>Retain handling 3.</summary>
    public static readonly Violation RetainHandling = Add("retain-handling-3", ProtocolError, null, Any5, "Retain handling is 3");
    /// <summary>No local on a shared subscription.</summary>
    public static readonly Violation NoLocalOnShared = Add("no-local-on-shared", ProtocolError, null, "MQTT-3.8.3-4", "No Local is set on a shared subscription");
    /// <summary>An empty filter.</summary>
    public static readonly Violation EmptyTopicFilter = Add("empty-topic-filter", MalformedPacket, "MQTT-4.7.3-1", "MQTT-4.7.3-1", "A topic filter is empty");
    /// <summary><c>#</c> not last or not alone in its level.</summary>
    public static readonly Violation MultiLevelWildcard = Add("multi-level-wildcard", MalformedPacket, "MQTT-4.7.1-2", "MQTT-4.7.1-1", "# must be the whole of the filter's last level");
    /// <summary><c>+</c> not alone in its level.</summary>
    public static readonly Violation SingleLevelWildcard = Add("single-level-wildcard", MalformedPacket, "MQTT-4.7.1-3", "MQTT-4.7.1-2", "+ must be the whole of its level");
    /// <summary><c>$share/</c> with an empty share name.</summary>
    public static readonly Violation EmptyShareName = Add("empty-share-name", MalformedPacket, null, "MQTT-4.8.2-1", "A shared subscription's share name is empty");
    /// <summary>A share name with wildcards, or not followed by a filter.</summary>
    public static readonly Violation ShareName = Add("share-name", MalformedPacket, null, "MQTT-4.8.2-2", "A share name contains a wildcard or is not followed by / and a filter");

    /// <summary>All of them, in the order above.</summary>
    public static IReadOnlyList<Violation> All => Catalogue;

    private static Violation Add(string name, ReasonCode code, string? statement311, string? statement5, string description)
    {
        var violation = new Violation(name, code, statement311, statement5, description);
        Catalogue.Add(violation);
        return violation;
    }
}
