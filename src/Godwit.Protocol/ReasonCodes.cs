// Which reason code may stand in which packet, and its words: table 2-6 of MQTT 5, as data.
namespace Godwit.Protocol;

/// <summary>What is known about each <see cref="ReasonCode"/>: its words, and the packets it may stand in (MQTT 5 table 2-6).</summary>
public static class ReasonCodes
{
    private static readonly (string Name, ushort Packets)[] Table = Build();

    /// <summary>0x80 and above mean failure (section 2.4).</summary>
    public static bool IsError(this ReasonCode code) => (byte)code >= 0x80;

    /// <summary>The specification's words, for example <c>Session taken over</c>; <c>Reason code 0x7F</c> for a value without one.</summary>
    public static string Name(this ReasonCode code) => Table[(byte)code].Name ?? $"Reason code 0x{(byte)code:X2}";

    /// <summary>The words the code has in one packet: 0x00 is <c>Normal disconnection</c> in DISCONNECT, <c>Granted QoS 0</c> in SUBACK.</summary>
    public static string Describe(this ReasonCode code, PacketType packet) => (code, packet) switch
    {
        (ReasonCode.Success, PacketType.Disconnect) => "Normal disconnection",
        (ReasonCode.Success, PacketType.Suback) => "Granted QoS 0",
        _ => code.Name(),
    };

    /// <summary>Whether the code may stand in a packet of this type.</summary>
    public static bool IsAllowedIn(this ReasonCode code, PacketType packet) =>
        (Table[(byte)code].Packets & (1 << (int)packet)) != 0;

    /// <summary>The CONNACK return code that an MQTT 3.1 or 3.1.1 client gets in place of an MQTT 5 code (3.1.1 table 3.1).</summary>
    /// <returns>Null where no return code fits: close without CONNACK. <c>3.1.1: [MQTT-3.2.2-6]</c></returns>
    public static ConnectReturnCode? ToConnectReturnCode(this ReasonCode code) => code switch
    {
        ReasonCode.Success => ConnectReturnCode.Accepted,
        ReasonCode.UnsupportedProtocolVersion => ConnectReturnCode.UnacceptableProtocolVersion,
        ReasonCode.ClientIdentifierNotValid => ConnectReturnCode.IdentifierRejected,
        ReasonCode.BadUserNameOrPassword or ReasonCode.BadAuthenticationMethod => ConnectReturnCode.BadUserNameOrPassword,
        ReasonCode.NotAuthorized or ReasonCode.Banned => ConnectReturnCode.NotAuthorized,
        ReasonCode.ServerUnavailable or ReasonCode.ServerBusy or ReasonCode.QuotaExceeded or ReasonCode.UseAnotherServer
            or ReasonCode.ServerMoved or ReasonCode.ConnectionRateExceeded => ConnectReturnCode.ServerUnavailable,
        _ => null,
    };

    private static (string, ushort)[] Build()
    {
        var table = new (string, ushort)[256];
        void Add(ReasonCode code, string name, params ReadOnlySpan<PacketType> packets)
        {
            ushort mask = 0;
            foreach (PacketType packet in packets) mask |= (ushort)(1 << (int)packet);
            table[(byte)code] = (name, mask);
        }

        const PacketType connack = PacketType.Connack, puback = PacketType.Puback, pubrec = PacketType.Pubrec,
            pubrel = PacketType.Pubrel, pubcomp = PacketType.Pubcomp, suback = PacketType.Suback,
            unsuback = PacketType.Unsuback, disconnect = PacketType.Disconnect, auth = PacketType.Auth;

        Add(ReasonCode.Success, "Success", connack, puback, pubrec, pubrel, pubcomp, suback, unsuback, disconnect, auth);
        Add(ReasonCode.GrantedQoS1, "Granted QoS 1", suback);
        Add(ReasonCode.GrantedQoS2, "Granted QoS 2", suback);
        Add(ReasonCode.DisconnectWithWillMessage, "Disconnect with Will Message", disconnect);
        Add(ReasonCode.NoMatchingSubscribers, "No matching subscribers", puback, pubrec);
        Add(ReasonCode.NoSubscriptionExisted, "No subscription existed", unsuback);
        Add(ReasonCode.ContinueAuthentication, "Continue authentication", auth);
        Add(ReasonCode.ReAuthenticate, "Re-authenticate", auth);
        Add(ReasonCode.UnspecifiedError, "Unspecified error", connack, puback, pubrec, suback, unsuback, disconnect);
        Add(ReasonCode.MalformedPacket, "Malformed Packet", connack, disconnect);
        Add(ReasonCode.ProtocolError, "Protocol Error", connack, disconnect);
        Add(ReasonCode.ImplementationSpecificError, "Implementation specific error", connack, puback, pubrec, suback, unsuback, disconnect);
        Add(ReasonCode.UnsupportedProtocolVersion, "Unsupported Protocol Version", connack);
        Add(ReasonCode.ClientIdentifierNotValid, "Client Identifier not valid", connack);
        Add(ReasonCode.BadUserNameOrPassword, "Bad User Name or Password", connack);
        Add(ReasonCode.NotAuthorized, "Not authorized", connack, puback, pubrec, suback, unsuback, disconnect);
        Add(ReasonCode.ServerUnavailable, "Server unavailable", connack);
        Add(ReasonCode.ServerBusy, "Server busy", connack, disconnect);
        Add(ReasonCode.Banned, "Banned", connack);
        Add(ReasonCode.ServerShuttingDown, "Server shutting down", disconnect);
        Add(ReasonCode.BadAuthenticationMethod, "Bad authentication method", connack, disconnect);
        Add(ReasonCode.KeepAliveTimeout, "Keep Alive timeout", disconnect);
        Add(ReasonCode.SessionTakenOver, "Session taken over", disconnect);
        Add(ReasonCode.TopicFilterInvalid, "Topic Filter invalid", suback, unsuback, disconnect);
        Add(ReasonCode.TopicNameInvalid, "Topic Name invalid", connack, puback, pubrec, disconnect);
        Add(ReasonCode.PacketIdentifierInUse, "Packet Identifier in use", puback, pubrec, suback, unsuback);
        Add(ReasonCode.PacketIdentifierNotFound, "Packet Identifier not found", pubrel, pubcomp);
        Add(ReasonCode.ReceiveMaximumExceeded, "Receive Maximum exceeded", disconnect);
        Add(ReasonCode.TopicAliasInvalid, "Topic Alias invalid", disconnect);
        Add(ReasonCode.PacketTooLarge, "Packet too large", connack, disconnect);
        Add(ReasonCode.MessageRateTooHigh, "Message rate too high", disconnect);
        Add(ReasonCode.QuotaExceeded, "Quota exceeded", connack, puback, pubrec, suback, disconnect);
        Add(ReasonCode.AdministrativeAction, "Administrative action", disconnect);
        Add(ReasonCode.PayloadFormatInvalid, "Payload format invalid", connack, puback, pubrec, disconnect);
        Add(ReasonCode.RetainNotSupported, "Retain not supported", connack, disconnect);
        Add(ReasonCode.QoSNotSupported, "QoS not supported", connack, disconnect);
        Add(ReasonCode.UseAnotherServer, "Use another server", connack, disconnect);
        Add(ReasonCode.ServerMoved, "Server moved", connack, disconnect);
        Add(ReasonCode.SharedSubscriptionsNotSupported, "Shared Subscriptions not supported", suback, disconnect);
        Add(ReasonCode.ConnectionRateExceeded, "Connection rate exceeded", connack, disconnect);
        Add(ReasonCode.MaximumConnectTime, "Maximum connect time", disconnect);
        Add(ReasonCode.SubscriptionIdentifiersNotSupported, "Subscription Identifiers not supported", suback, disconnect);
        Add(ReasonCode.WildcardSubscriptionsNotSupported, "Wildcard Subscriptions not supported", suback, disconnect);
        return table;
    }
}
