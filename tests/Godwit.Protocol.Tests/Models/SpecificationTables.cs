// The tables of MQTT 5 written out once more, independently of the codec: table 2-4 (properties) and table 2-6 (reason codes).
namespace Godwit.Protocol.Tests.Models;

internal enum Kind { Byte, TwoBytes, FourBytes, VariableByteInteger, String, Binary, Pair }

internal static class SpecificationTables
{
    /// <summary>Table 2-4: identifier, name, type, packets and will properties.</summary>
    public static readonly (int Id, string Name, Kind Kind, string Owners)[] Properties =
    [
        (0x01, "Payload Format Indicator", Kind.Byte, "PUBLISH WILL"),
        (0x02, "Message Expiry Interval", Kind.FourBytes, "PUBLISH WILL"),
        (0x03, "Content Type", Kind.String, "PUBLISH WILL"),
        (0x08, "Response Topic", Kind.String, "PUBLISH WILL"),
        (0x09, "Correlation Data", Kind.Binary, "PUBLISH WILL"),
        (0x0B, "Subscription Identifier", Kind.VariableByteInteger, "PUBLISH SUBSCRIBE"),
        (0x11, "Session Expiry Interval", Kind.FourBytes, "CONNECT CONNACK DISCONNECT"),
        (0x12, "Assigned Client Identifier", Kind.String, "CONNACK"),
        (0x13, "Server Keep Alive", Kind.TwoBytes, "CONNACK"),
        (0x15, "Authentication Method", Kind.String, "CONNECT CONNACK AUTH"),
        (0x16, "Authentication Data", Kind.Binary, "CONNECT CONNACK AUTH"),
        (0x17, "Request Problem Information", Kind.Byte, "CONNECT"),
        (0x18, "Will Delay Interval", Kind.FourBytes, "WILL"),
        (0x19, "Request Response Information", Kind.Byte, "CONNECT"),
        (0x1A, "Response Information", Kind.String, "CONNACK"),
        (0x1C, "Server Reference", Kind.String, "CONNACK DISCONNECT"),
        (0x1F, "Reason String", Kind.String, "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH"),
        (0x21, "Receive Maximum", Kind.TwoBytes, "CONNECT CONNACK"),
        (0x22, "Topic Alias Maximum", Kind.TwoBytes, "CONNECT CONNACK"),
        (0x23, "Topic Alias", Kind.TwoBytes, "PUBLISH"),
        (0x24, "Maximum QoS", Kind.Byte, "CONNACK"),
        (0x25, "Retain Available", Kind.Byte, "CONNACK"),
        (0x26, "User Property", Kind.Pair,
            "CONNECT CONNACK PUBLISH WILL PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK DISCONNECT AUTH"),
        (0x27, "Maximum Packet Size", Kind.FourBytes, "CONNECT CONNACK"),
        (0x28, "Wildcard Subscription Available", Kind.Byte, "CONNACK"),
        (0x29, "Subscription Identifier Available", Kind.Byte, "CONNACK"),
        (0x2A, "Shared Subscription Available", Kind.Byte, "CONNACK"),
    ];

    /// <summary>Table 2-6: value, name, packets.</summary>
    public static readonly (int Value, string Name, string Packets)[] ReasonCodes =
    [
        (0x00, "Success", "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH"),
        (0x01, "Granted QoS 1", "SUBACK"),
        (0x02, "Granted QoS 2", "SUBACK"),
        (0x04, "Disconnect with Will Message", "DISCONNECT"),
        (0x10, "No matching subscribers", "PUBACK PUBREC"),
        (0x11, "No subscription existed", "UNSUBACK"),
        (0x18, "Continue authentication", "AUTH"),
        (0x19, "Re-authenticate", "AUTH"),
        (0x80, "Unspecified error", "CONNACK PUBACK PUBREC SUBACK UNSUBACK DISCONNECT"),
        (0x81, "Malformed Packet", "CONNACK DISCONNECT"),
        (0x82, "Protocol Error", "CONNACK DISCONNECT"),
        (0x83, "Implementation specific error", "CONNACK PUBACK PUBREC SUBACK UNSUBACK DISCONNECT"),
        (0x84, "Unsupported Protocol Version", "CONNACK"),
        (0x85, "Client Identifier not valid", "CONNACK"),
        (0x86, "Bad User Name or Password", "CONNACK"),
        (0x87, "Not authorized", "CONNACK PUBACK PUBREC SUBACK UNSUBACK DISCONNECT"),
        (0x88, "Server unavailable", "CONNACK"),
        (0x89, "Server busy", "CONNACK DISCONNECT"),
        (0x8A, "Banned", "CONNACK"),
        (0x8B, "Server shutting down", "DISCONNECT"),
        (0x8C, "Bad authentication method", "CONNACK DISCONNECT"),
        (0x8D, "Keep Alive timeout", "DISCONNECT"),
        (0x8E, "Session taken over", "DISCONNECT"),
        (0x8F, "Topic Filter invalid", "SUBACK UNSUBACK DISCONNECT"),
        (0x90, "Topic Name invalid", "CONNACK PUBACK PUBREC DISCONNECT"),
        (0x91, "Packet Identifier in use", "PUBACK PUBREC SUBACK UNSUBACK"),
        (0x92, "Packet Identifier not found", "PUBREL PUBCOMP"),
        (0x93, "Receive Maximum exceeded", "DISCONNECT"),
        (0x94, "Topic Alias invalid", "DISCONNECT"),
        (0x95, "Packet too large", "CONNACK DISCONNECT"),
        (0x96, "Message rate too high", "DISCONNECT"),
        (0x97, "Quota exceeded", "CONNACK PUBACK PUBREC SUBACK DISCONNECT"),
        (0x98, "Administrative action", "DISCONNECT"),
        (0x99, "Payload format invalid", "CONNACK PUBACK PUBREC DISCONNECT"),
        (0x9A, "Retain not supported", "CONNACK DISCONNECT"),
        (0x9B, "QoS not supported", "CONNACK DISCONNECT"),
        (0x9C, "Use another server", "CONNACK DISCONNECT"),
        (0x9D, "Server moved", "CONNACK DISCONNECT"),
        (0x9E, "Shared Subscriptions not supported", "SUBACK DISCONNECT"),
        (0x9F, "Connection rate exceeded", "CONNACK DISCONNECT"),
        (0xA0, "Maximum connect time", "DISCONNECT"),
        (0xA1, "Subscription Identifiers not supported", "SUBACK DISCONNECT"),
        (0xA2, "Wildcard Subscriptions not supported", "SUBACK DISCONNECT"),
    ];

    /// <summary>The reason codes that table 2-6 lists for a packet.</summary>
    public static byte[] ReasonCodesOf(string packet) =>
        [.. ReasonCodes.Where(row => row.Packets.Split(' ').Contains(packet)).Select(row => (byte)row.Value)];
}
