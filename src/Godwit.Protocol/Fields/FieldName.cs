// The names of the fields that the reader reports in annotating mode: the specification's terms, with the section of MQTT 5.0
// that defines each.
namespace Godwit.Protocol.Fields;

/// <summary>A field of a packet, as named by the specification.</summary>
public enum FieldName : byte
{
    /// <summary>Bits 7 to 4 of the first byte.</summary>
    PacketType,
    /// <summary>Bits 3 to 0 of the first byte, for types whose flags are fixed.</summary>
    Flags,
    /// <summary>PUBLISH: bit 3 of the first byte.</summary>
    Dup,
    /// <summary>PUBLISH: bits 2 and 1 of the first byte.</summary>
    QoS,
    /// <summary>PUBLISH: bit 0 of the first byte.</summary>
    Retain,
    /// <summary>The length of everything after the fixed header.</summary>
    RemainingLength,
    /// <summary>The two-byte length in front of a string or binary data.</summary>
    Length,
    /// <summary>CONNECT: MQTT or MQIsdp.</summary>
    ProtocolName,
    /// <summary>CONNECT: 3, 4 or 5.</summary>
    ProtocolLevel,
    /// <summary>CONNECT flags: bit 7.</summary>
    UserNameFlag,
    /// <summary>CONNECT flags: bit 6.</summary>
    PasswordFlag,
    /// <summary>CONNECT flags: bit 5.</summary>
    WillRetain,
    /// <summary>CONNECT flags: bits 4 and 3.</summary>
    WillQoS,
    /// <summary>CONNECT flags: bit 2.</summary>
    WillFlag,
    /// <summary>CONNECT flags: bit 1 (Clean Session before MQTT 5).</summary>
    CleanStart,
    /// <summary>Bits that must be 0.</summary>
    Reserved,
    /// <summary>CONNECT: seconds.</summary>
    KeepAlive,
    /// <summary>CONNECT payload.</summary>
    ClientIdentifier,
    /// <summary>CONNECT payload.</summary>
    WillTopic,
    /// <summary>CONNECT payload.</summary>
    WillPayload,
    /// <summary>CONNECT payload.</summary>
    UserName,
    /// <summary>CONNECT payload.</summary>
    Password,
    /// <summary>CONNACK: bit 0 of the acknowledge flags.</summary>
    SessionPresent,
    /// <summary>CONNACK before MQTT 5.</summary>
    ReturnCode,
    /// <summary>MQTT 5 reason code.</summary>
    ReasonCode,
    /// <summary>The length of the properties behind it.</summary>
    PropertyLength,
    /// <summary>One byte in front of each property.</summary>
    PropertyIdentifier,
    /// <summary>A property's value.</summary>
    PropertyValue,
    /// <summary>The name of a user property.</summary>
    UserPropertyName,
    /// <summary>The value of a user property.</summary>
    UserPropertyValue,
    /// <summary>Two bytes that pair a request with its acknowledgements.</summary>
    PacketIdentifier,
    /// <summary>PUBLISH variable header.</summary>
    TopicName,
    /// <summary>PUBLISH payload.</summary>
    ApplicationMessage,
    /// <summary>SUBSCRIBE and UNSUBSCRIBE payload.</summary>
    TopicFilter,
    /// <summary>SUBSCRIBE options: bits 1 and 0.</summary>
    MaximumQoS,
    /// <summary>SUBSCRIBE options: bit 2.</summary>
    NoLocal,
    /// <summary>SUBSCRIBE options: bit 3.</summary>
    RetainAsPublished,
    /// <summary>SUBSCRIBE options: bits 5 and 4.</summary>
    RetainHandling,
}

/// <summary>Names and sections of <see cref="FieldName"/>.</summary>
public static class FieldNames
{
    private static readonly (string Text, string Section)[] Table =
    [
        ("Packet type", "2.1.2"), ("Flags", "2.1.3"), ("DUP", "3.3.1.1"), ("QoS", "3.3.1.2"), ("RETAIN", "3.3.1.3"),
        ("Remaining Length", "2.1.4"), ("Length", "1.5.4"), ("Protocol Name", "3.1.2.1"), ("Protocol Level", "3.1.2.2"),
        ("User Name Flag", "3.1.2.8"), ("Password Flag", "3.1.2.9"), ("Will Retain", "3.1.2.7"), ("Will QoS", "3.1.2.6"),
        ("Will Flag", "3.1.2.5"), ("Clean Start", "3.1.2.4"), ("Reserved", "2.1.3"), ("Keep Alive", "3.1.2.10"),
        ("Client Identifier", "3.1.3.1"), ("Will Topic", "3.1.3.3"), ("Will Payload", "3.1.3.4"), ("User Name", "3.1.3.5"),
        ("Password", "3.1.3.6"), ("Session Present", "3.2.2.1.1"), ("Return Code", "3.2.2.3 of 3.1.1"), ("Reason Code", "2.4"),
        ("Property Length", "2.2.2.1"), ("Property Identifier", "2.2.2.2"), ("Property Value", "2.2.2.2"),
        ("User Property Name", "2.2.2.2"), ("User Property Value", "2.2.2.2"), ("Packet Identifier", "2.2.1"),
        ("Topic Name", "3.3.2.1"), ("Application Message", "3.3.3"), ("Topic Filter", "3.8.3"), ("Maximum QoS", "3.8.3.1"),
        ("No Local", "3.8.3.1"), ("Retain As Published", "3.8.3.1"), ("Retain Handling", "3.8.3.1"),
    ];

    /// <summary>The specification's name, for example <c>Keep Alive</c>.</summary>
    public static string Text(this FieldName name) => Table[(int)name].Text;

    /// <summary>The section of MQTT 5.0 that defines the field.</summary>
    public static string Section(this FieldName name) => Table[(int)name].Section;
}
