// The codes of answers, in words that help: not only what the specification calls them, but what usually is behind.
using Godwit.Protocol;

namespace Godwit.Capture.Explain;

/// <summary>MQTT 5 reason codes for people.</summary>
internal static class ReasonWords
{
    /// <summary>Name and meaning of a reason code in a packet.</summary>
    public static string Describe(ReasonCode code, PacketType packet)
    {
        string name = code.Describe(packet);
        return Meaning(code, packet) is { } meaning ? $"{name}: {meaning}" : name;
    }

    /// <summary>What the code means, beyond its name; null where the name says it.</summary>
    public static string? Meaning(ReasonCode code, PacketType packet) => code switch
    {
        ReasonCode.Success when packet == PacketType.Disconnect => "the will is not published",
        ReasonCode.DisconnectWithWillMessage => "the client leaves and wants its will published",
        ReasonCode.NoMatchingSubscribers => "accepted, but nobody has subscribed to it",
        ReasonCode.NoSubscriptionExisted => "there was nothing to unsubscribe from",
        ReasonCode.MalformedPacket => "the other side cannot read the packet",
        ReasonCode.ProtocolError => "the packet is not allowed here, or contradicts what was said before",
        ReasonCode.UnsupportedProtocolVersion => "the server does not speak this version of MQTT",
        ReasonCode.ClientIdentifierNotValid => "the server does not accept this client identifier",
        ReasonCode.BadUserNameOrPassword => "the server does not accept user name or password",
        ReasonCode.NotAuthorized => "the client is known, but may not do this",
        ReasonCode.ServerBusy => "try again later",
        ReasonCode.KeepAliveTimeout => "nothing came from the client for 1.5 times the keep alive",
        ReasonCode.SessionTakenOver => "another connection uses the same client identifier",
        ReasonCode.TopicFilterInvalid => "well formed, but this server does not take it",
        ReasonCode.TopicNameInvalid => "well formed, but not taken",
        ReasonCode.PacketIdentifierInUse => "a packet with this identifier is not finished",
        ReasonCode.PacketIdentifierNotFound => "there is no such message in flight; normal after a session was lost",
        ReasonCode.ReceiveMaximumExceeded => "more unacknowledged PUBLISHes than Receive Maximum allows",
        ReasonCode.TopicAliasInvalid => "the alias is 0 or above Topic Alias Maximum",
        ReasonCode.PacketTooLarge => "larger than Maximum Packet Size",
        ReasonCode.RetainNotSupported => "this server keeps no retained messages",
        ReasonCode.QoSNotSupported => "above the server's Maximum QoS",
        ReasonCode.UseAnotherServer or ReasonCode.ServerMoved => "Server Reference may say which",
        _ => null,
    };
}

/// <summary>CONNACK return codes of MQTT 3.1 and 3.1.1 for people.</summary>
internal static class ConnectCodes
{
    /// <summary>Name and meaning of a return code.</summary>
    public static string Describe(ConnectReturnCode code) => code switch
    {
        ConnectReturnCode.Accepted => code.Name(),
        _ when !code.IsDefined() => "not defined: 0 to 5 are",
        _ => $"{code.Name()}: {Meaning(code)}",
    };

    private static string Meaning(ConnectReturnCode code) => code switch
    {
        ConnectReturnCode.UnacceptableProtocolVersion => "the server does not speak this version of MQTT",
        ConnectReturnCode.IdentifierRejected => "the server does not accept this client identifier",
        ConnectReturnCode.ServerUnavailable => "the MQTT service is not available",
        ConnectReturnCode.BadUserNameOrPassword => "user name or password is wrong or malformed",
        _ => "the client may not connect",
    };
}
