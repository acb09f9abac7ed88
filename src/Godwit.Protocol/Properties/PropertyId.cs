namespace Godwit.Protocol;

/// <summary>The identifiers of MQTT 5 properties (table 2-4).</summary>
public enum PropertyId : byte
{
    /// <summary>0 is UTF-8 or not told, 1 is UTF-8.</summary>
    PayloadFormatIndicator = 0x01,
    /// <summary>Seconds.</summary>
    MessageExpiryInterval = 0x02,
    /// <summary>A MIME type, or what the application agrees on.</summary>
    ContentType = 0x03,
    /// <summary>Where an answer is expected.</summary>
    ResponseTopic = 0x08,
    /// <summary>What pairs an answer with its request.</summary>
    CorrelationData = 0x09,
    /// <summary>1 to 268,435,455.</summary>
    SubscriptionIdentifier = 0x0B,
    /// <summary>Seconds; 0xFFFFFFFF is never.</summary>
    SessionExpiryInterval = 0x11,
    /// <summary>The client identifier that the server chose.</summary>
    AssignedClientIdentifier = 0x12,
    /// <summary>Seconds.</summary>
    ServerKeepAlive = 0x13,
    /// <summary>The name of the authentication method.</summary>
    AuthenticationMethod = 0x15,
    /// <summary>The method's data.</summary>
    AuthenticationData = 0x16,
    /// <summary>0 or 1; default 1.</summary>
    RequestProblemInformation = 0x17,
    /// <summary>Seconds.</summary>
    WillDelayInterval = 0x18,
    /// <summary>0 or 1; default 0.</summary>
    RequestResponseInformation = 0x19,
    /// <summary>What the client may build response topics from.</summary>
    ResponseInformation = 0x1A,
    /// <summary>Another server to use.</summary>
    ServerReference = 0x1C,
    /// <summary>A sentence for people.</summary>
    ReasonString = 0x1F,
    /// <summary>1 to 65,535; default 65,535.</summary>
    ReceiveMaximum = 0x21,
    /// <summary>Default 0: none.</summary>
    TopicAliasMaximum = 0x22,
    /// <summary>1 to the maximum.</summary>
    TopicAlias = 0x23,
    /// <summary>0 or 1; default 2.</summary>
    MaximumQoS = 0x24,
    /// <summary>0 or 1; default 1.</summary>
    RetainAvailable = 0x25,
    /// <summary>A name and a value; may appear any number of times.</summary>
    UserProperty = 0x26,
    /// <summary>Bytes, over 0; default without limit.</summary>
    MaximumPacketSize = 0x27,
    /// <summary>0 or 1; default 1.</summary>
    WildcardSubscriptionAvailable = 0x28,
    /// <summary>0 or 1; default 1.</summary>
    SubscriptionIdentifierAvailable = 0x29,
    /// <summary>0 or 1; default 1.</summary>
    SharedSubscriptionAvailable = 0x2A,
}

/// <summary>How a property's value is encoded (section 1.5).</summary>
public enum PropertyType : byte
{
    /// <summary>One byte.</summary>
    Byte,
    /// <summary>Two bytes, big-endian.</summary>
    TwoByteInteger,
    /// <summary>Four bytes, big-endian.</summary>
    FourByteInteger,
    /// <summary>One to four bytes.</summary>
    VariableByteInteger,
    /// <summary>Two-byte length, then UTF-8.</summary>
    Utf8String,
    /// <summary>Two-byte length, then bytes.</summary>
    BinaryData,
    /// <summary>Two strings.</summary>
    Utf8StringPair,
}

/// <summary>What properties belong to: a packet, or the will inside CONNECT.</summary>
public enum PropertyOwner : byte
{
    /// <summary>The will properties of CONNECT.</summary>
    Will = 0,
    /// <summary>CONNECT.</summary>
    Connect = PacketType.Connect,
    /// <summary>CONNACK.</summary>
    Connack = PacketType.Connack,
    /// <summary>PUBLISH.</summary>
    Publish = PacketType.Publish,
    /// <summary>PUBACK.</summary>
    Puback = PacketType.Puback,
    /// <summary>PUBREC.</summary>
    Pubrec = PacketType.Pubrec,
    /// <summary>PUBREL.</summary>
    Pubrel = PacketType.Pubrel,
    /// <summary>PUBCOMP.</summary>
    Pubcomp = PacketType.Pubcomp,
    /// <summary>SUBSCRIBE.</summary>
    Subscribe = PacketType.Subscribe,
    /// <summary>SUBACK.</summary>
    Suback = PacketType.Suback,
    /// <summary>UNSUBSCRIBE.</summary>
    Unsubscribe = PacketType.Unsubscribe,
    /// <summary>UNSUBACK.</summary>
    Unsuback = PacketType.Unsuback,
    /// <summary>DISCONNECT.</summary>
    Disconnect = PacketType.Disconnect,
    /// <summary>AUTH.</summary>
    Auth = PacketType.Auth,
}
