// Every reason code of MQTT 5 (section 2.4), once. A value has one name per packet in the specification where the meaning
// differs (0x00 is Success, Normal disconnection and Granted QoS 0); here it has the general one, and ReasonCodes.Describe
// gives the packet's own words.
namespace Godwit.Protocol;

/// <summary>The reason codes of MQTT 5 (section 2.4). Values of 0x80 and above are failures.</summary>
public enum ReasonCode : byte
{
    /// <summary>Success; in DISCONNECT: normal disconnection; in SUBACK: granted QoS 0.</summary>
    Success = 0x00,

    /// <summary>SUBACK: granted QoS 1.</summary>
    GrantedQoS1 = 0x01,

    /// <summary>SUBACK: granted QoS 2.</summary>
    GrantedQoS2 = 0x02,

    /// <summary>DISCONNECT: the client wants its will published.</summary>
    DisconnectWithWillMessage = 0x04,

    /// <summary>PUBACK, PUBREC: accepted, but nobody has subscribed.</summary>
    NoMatchingSubscribers = 0x10,

    /// <summary>UNSUBACK: there was no such subscription.</summary>
    NoSubscriptionExisted = 0x11,

    /// <summary>AUTH: one more step.</summary>
    ContinueAuthentication = 0x18,

    /// <summary>AUTH: the client starts re-authentication.</summary>
    ReAuthenticate = 0x19,

    /// <summary>Failure without a closer reason.</summary>
    UnspecifiedError = 0x80,

    /// <summary>The packet does not follow its format.</summary>
    MalformedPacket = 0x81,

    /// <summary>The packet is well formed but not allowed here.</summary>
    ProtocolError = 0x82,

    /// <summary>Valid, but this implementation does not accept it.</summary>
    ImplementationSpecificError = 0x83,

    /// <summary>CONNACK: the protocol name or level is not served.</summary>
    UnsupportedProtocolVersion = 0x84,

    /// <summary>CONNACK: the client identifier is not allowed.</summary>
    ClientIdentifierNotValid = 0x85,

    /// <summary>CONNACK: user name or password refused.</summary>
    BadUserNameOrPassword = 0x86,

    /// <summary>Not authorised.</summary>
    NotAuthorized = 0x87,

    /// <summary>CONNACK: the server is not available.</summary>
    ServerUnavailable = 0x88,

    /// <summary>The server is busy; try again later.</summary>
    ServerBusy = 0x89,

    /// <summary>CONNACK: banned by an administrator.</summary>
    Banned = 0x8A,

    /// <summary>DISCONNECT: the server is shutting down.</summary>
    ServerShuttingDown = 0x8B,

    /// <summary>The authentication method is not supported or changed.</summary>
    BadAuthenticationMethod = 0x8C,

    /// <summary>DISCONNECT: nothing was received for 1.5 times the keep alive.</summary>
    KeepAliveTimeout = 0x8D,

    /// <summary>DISCONNECT: another connection uses the same client identifier.</summary>
    SessionTakenOver = 0x8E,

    /// <summary>The topic filter is well formed but not accepted.</summary>
    TopicFilterInvalid = 0x8F,

    /// <summary>The topic name is well formed but not accepted.</summary>
    TopicNameInvalid = 0x90,

    /// <summary>The packet identifier is in use.</summary>
    PacketIdentifierInUse = 0x91,

    /// <summary>PUBREL, PUBCOMP: the packet identifier is not known.</summary>
    PacketIdentifierNotFound = 0x92,

    /// <summary>DISCONNECT: more QoS 1 and 2 messages in flight than Receive Maximum.</summary>
    ReceiveMaximumExceeded = 0x93,

    /// <summary>DISCONNECT: a topic alias of 0 or above the maximum.</summary>
    TopicAliasInvalid = 0x94,

    /// <summary>The packet is larger than the receiver's maximum.</summary>
    PacketTooLarge = 0x95,

    /// <summary>DISCONNECT: received data rate too high.</summary>
    MessageRateTooHigh = 0x96,

    /// <summary>A limit of the implementation or the administrator is reached.</summary>
    QuotaExceeded = 0x97,

    /// <summary>DISCONNECT: closed by an administrator.</summary>
    AdministrativeAction = 0x98,

    /// <summary>The payload is not what its format indicator says.</summary>
    PayloadFormatInvalid = 0x99,

    /// <summary>The server does not keep retained messages.</summary>
    RetainNotSupported = 0x9A,

    /// <summary>The QoS is above the server's maximum.</summary>
    QoSNotSupported = 0x9B,

    /// <summary>The client should use another server for now.</summary>
    UseAnotherServer = 0x9C,

    /// <summary>The client should use another server from now on.</summary>
    ServerMoved = 0x9D,

    /// <summary>The server does not serve shared subscriptions.</summary>
    SharedSubscriptionsNotSupported = 0x9E,

    /// <summary>The connection rate is exceeded.</summary>
    ConnectionRateExceeded = 0x9F,

    /// <summary>DISCONNECT: this connection has lasted as long as it may.</summary>
    MaximumConnectTime = 0xA0,

    /// <summary>The server does not serve subscription identifiers.</summary>
    SubscriptionIdentifiersNotSupported = 0xA1,

    /// <summary>The server does not serve wildcard subscriptions.</summary>
    WildcardSubscriptionsNotSupported = 0xA2,
}
