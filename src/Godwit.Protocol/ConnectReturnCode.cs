namespace Godwit.Protocol;

/// <summary>CONNACK return codes of MQTT 3.1 and 3.1.1 (3.1.1 table 3.1).</summary>
public enum ConnectReturnCode : byte
{
    /// <summary>0x00: connection accepted.</summary>
    Accepted = 0,

    /// <summary>0x01: the server does not serve this protocol level.</summary>
    UnacceptableProtocolVersion = 1,

    /// <summary>0x02: the client identifier is correct UTF-8 but not allowed.</summary>
    IdentifierRejected = 2,

    /// <summary>0x03: the MQTT service is unavailable.</summary>
    ServerUnavailable = 3,

    /// <summary>0x04: user name or password is malformed or wrong.</summary>
    BadUserNameOrPassword = 4,

    /// <summary>0x05: the client may not connect.</summary>
    NotAuthorized = 5,
}

/// <summary>Words and MQTT 5 counterparts of <see cref="ConnectReturnCode"/>.</summary>
public static class ConnectReturnCodes
{
    private static readonly (string Name, ReasonCode ReasonCode)[] Table =
    [
        ("Connection accepted", ReasonCode.Success),
        ("Unacceptable protocol version", ReasonCode.UnsupportedProtocolVersion),
        ("Identifier rejected", ReasonCode.ClientIdentifierNotValid),
        ("Server unavailable", ReasonCode.ServerUnavailable),
        ("Bad user name or password", ReasonCode.BadUserNameOrPassword),
        ("Not authorized", ReasonCode.NotAuthorized),
    ];

    /// <summary>Whether the specification knows this value (0 to 5; above is reserved).</summary>
    public static bool IsDefined(this ConnectReturnCode code) => (int)code < Table.Length;

    /// <summary>The specification's words.</summary>
    public static string Name(this ConnectReturnCode code) => code.IsDefined() ? Table[(int)code].Name : $"Reserved return code {(int)code}";

    /// <summary>The MQTT 5 reason code with the same meaning; <see cref="ReasonCode.UnspecifiedError"/> for a reserved value.</summary>
    public static ReasonCode ToReasonCode(this ConnectReturnCode code) =>
        code.IsDefined() ? Table[(int)code].ReasonCode : ReasonCode.UnspecifiedError;
}
