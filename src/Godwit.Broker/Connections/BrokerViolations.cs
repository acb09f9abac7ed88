// Violations that only a server can see: the packet is well formed, but it may not stand here. The codec's own are in Violations.
using Godwit.Protocol;

namespace Godwit.Broker.Connections;

internal static class BrokerViolations
{
    private const string Any311 = "MQTT-4.8.0-1", Any5 = "MQTT-4.13.1-1";

    public static readonly Violation NotConnected = new("not-connected", ReasonCode.ProtocolError, "MQTT-3.1.0-1", "MQTT-3.1.0-1", "The first packet is not CONNECT");
    public static readonly Violation SecondConnect = new("second-connect", ReasonCode.ProtocolError, "MQTT-3.1.0-2", "MQTT-3.1.0-2", "A second CONNECT came on the connection");
    public static readonly Violation ServerPacketFromClient = new("server-packet-from-client", ReasonCode.ProtocolError, Any311, Any5, "A packet came that only a server sends");
    public static readonly Violation ExpiryRaisedFromZero = new("expiry-raised-from-zero", ReasonCode.ProtocolError, null, Any5, "DISCONNECT raises a session expiry interval that was 0");
    public static readonly Violation ReceiveMaximumExceeded = new("receive-maximum-exceeded", ReasonCode.ReceiveMaximumExceeded, null, "MQTT-3.3.4-7", "More QoS 1 and 2 messages are unacknowledged than the server's Receive Maximum");
    public static readonly Violation TopicAliasTooLarge = new("topic-alias-too-large", ReasonCode.TopicAliasInvalid, null, "MQTT-3.3.2-9", "The topic alias is above the server's Topic Alias Maximum");
    public static readonly Violation UnknownTopicAlias = new("unknown-topic-alias", ReasonCode.ProtocolError, null, "MQTT-3.3.2-7", "The topic alias has no topic on this connection");
    public static readonly Violation SubscriptionIdentifierFromClient = new("subscription-identifier-from-client", ReasonCode.ProtocolError, null, "MQTT-3.3.4-6", "A client's PUBLISH has a subscription identifier");
    public static readonly Violation QoSNotSupported = new("qos-not-supported", ReasonCode.QoSNotSupported, null, "MQTT-3.2.2-11", "The QoS is above the server's Maximum QoS");
    public static readonly Violation RetainNotSupported = new("retain-not-supported", ReasonCode.RetainNotSupported, null, "MQTT-3.2.2-14", "RETAIN is set although the server does not keep retained messages");
    public static readonly Violation TooManyTopicLevels = new("too-many-topic-levels", ReasonCode.TopicNameInvalid, Any311, Any5, "The topic has more levels than this server allows");
    public static readonly Violation AcknowledgementMismatch = new("acknowledgement-mismatch", ReasonCode.ProtocolError, Any311, Any5, "An acknowledgement does not fit the QoS of its message");
    public static readonly Violation AuthWithoutMethod = new("auth-without-method", ReasonCode.ProtocolError, null, "MQTT-4.12.0-7", "AUTH came although CONNECT named no authentication method");
    public static readonly Violation AuthMethodChanged = new("auth-method-changed", ReasonCode.ProtocolError, null, "MQTT-4.12.0-5", "AUTH names another authentication method than CONNECT");
    public static readonly Violation AuthReasonCode = new("auth-reason-code-here", ReasonCode.ProtocolError, null, "MQTT-4.12.0-3", "AUTH has a reason code that is not allowed at this point");
}
