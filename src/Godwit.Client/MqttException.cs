using System.Net.Sockets;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Client;

/// <summary>Something that cannot be done, with the MQTT reason code that fits.</summary>
public class MqttException : Exception
{
    /// <summary>Makes one.</summary>
    public MqttException(string message, ReasonCode reasonCode = ReasonCode.UnspecifiedError, Exception? inner = null) : base(message, inner) =>
        ReasonCode = reasonCode;

    /// <summary>The reason code: what the server would answer, or has answered.</summary>
    public ReasonCode ReasonCode { get; }
}

/// <summary>Why a connection could not be made.</summary>
public enum ConnectFailure
{
    /// <summary>The host name has no address.</summary>
    HostNotFound,

    /// <summary>Nobody listens there.</summary>
    ConnectionRefused,

    /// <summary>There is no way there, or connecting failed in another way of the operating system's.</summary>
    Unreachable,

    /// <summary>It took longer than <see cref="MqttClientOptions.ConnectTimeout"/>.</summary>
    TimedOut,

    /// <summary>The server answered CONNECT by a refusal.</summary>
    RefusedByServer,

    /// <summary>The server closed the connection without answering CONNECT.</summary>
    ClosedByServer,

    /// <summary>What answered does not keep to MQTT.</summary>
    ProtocolError,

    /// <summary>The TLS handshake failed, or a file that it needs cannot be used.</summary>
    TlsFailed,

    /// <summary>The server did not take the WebSocket request.</summary>
    WebSocketFailed,

    /// <summary>A callback of the application (connector, authentication, observer) threw an exception, or the loop was stopped.</summary>
    Local,
}

/// <summary>A connection could not be made. The message says why and what the likely cause is.</summary>
public sealed class MqttConnectException : MqttException
{
    internal MqttConnectException(ConnectFailure failure, string message, Exception? inner = null, ReasonCode reasonCode = ReasonCode.UnspecifiedError)
        : base(message, reasonCode, inner) => Failure = failure;

    /// <summary>What kind of failure it is.</summary>
    public ConnectFailure Failure { get; }

    /// <summary>The server's CONNACK, if there was one.</summary>
    public ConnectResult? Result { get; private init; }

    /// <summary>Before MQTT 5: the return code of CONNACK.</summary>
    public ConnectReturnCode? ReturnCode => Result?.ReturnCode;

    /// <summary>The server's own words; null for none.</summary>
    public string? ReasonString => Result?.ReasonString;

    internal static MqttConnectException Refused(string server, ConnectResult result)
    {
        string words = result.ReturnCode is { } code ? $"{code.Name()} (return code {(int)code})" : $"{result.ReasonCode.Name()} (0x{(byte)result.ReasonCode:X2})";
        string own = result.ReasonString is { } reason ? $" The server says: {reason}" : "";
        return new MqttConnectException(ConnectFailure.RefusedByServer, $"{server} refused the connection: {words}. {CauseOf(result)}{own}", null, result.ReasonCode) { Result = result };
    }

    internal static MqttConnectException Unreachable(string server, SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => new(ConnectFailure.ConnectionRefused, $"{server} refused the TCP connection: no broker listens there. Is it running, and is the port right?", error),
        SocketError.TimedOut => TimedOut(server, error),
        _ => new(ConnectFailure.Unreachable, $"{server} cannot be reached: {error.Message}. Check the address, the network and the firewall.", error),
    };

    internal static MqttConnectException HostNotFound(string host, Exception error) =>
        new(ConnectFailure.HostNotFound, $"The host name '{host}' has no address: {error.Message}. Check its spelling and the name server.", error);

    internal static MqttConnectException TimedOut(string server, Exception? inner = null) =>
        new(ConnectFailure.TimedOut, $"{server} did not answer in time. A firewall may drop the packets, or the port may not be an MQTT port (TLS, perhaps).", inner);

    internal static MqttConnectException TlsFailed(string server, Exception error) => new(ConnectFailure.TlsFailed, $"{server}: {error.Message}", error);

    internal static MqttConnectException WebSocketFailed(string server, Exception error) => new(ConnectFailure.WebSocketFailed, $"{server}: {error.Message}", error);

    internal static MqttConnectException Unusable(TransportException error) => new(ConnectFailure.TlsFailed, error.Message, error);

    internal static MqttConnectException From(string server, Disconnection end, TlsClientOptions? tls) => end.Reason switch
    {
        DisconnectReason.ProtocolError => new(ConnectFailure.ProtocolError, $"{server} does not keep to MQTT: {end.Detail}. The port may belong to another protocol.", end.Exception, end.ReasonCode ?? ReasonCode.ProtocolError),
        DisconnectReason.LoopStopped => new(ConnectFailure.Local, "The event loop was stopped while connecting.", end.Exception),
        DisconnectReason.CallbackFailed => CallbackFailed(end.Exception!),
        _ => new(ConnectFailure.ClosedByServer, $"{server} closed the connection without answering CONNECT. {CauseOfClosing(tls)}", end.Exception),
    };

    internal static MqttConnectException CallbackFailed(Exception error) =>
        new(ConnectFailure.Local, $"Connecting failed in a callback of the application: {error.Message}", error);

    // A server that speaks TLS 1.3 judges the client's certificate when the client is through with the handshake.
    private static string CauseOfClosing(TlsClientOptions? tls) => tls switch
    {
        null => "It may not serve this protocol version, or the port expects TLS or WebSocket.",
        { Certificate: null } => "It may require a client certificate, or not serve this protocol version; its log says which.",
        _ => "It may refuse the client's certificate, or not serve this protocol version; its log says which.",
    };

    private static string CauseOf(ConnectResult result) => result.ReasonCode switch
    {
        ReasonCode.UnsupportedProtocolVersion => "The server does not serve this protocol version; try another one.",
        ReasonCode.ClientIdentifierNotValid => "The server does not allow this client identifier; choose another one.",
        ReasonCode.BadUserNameOrPassword => "User name or password is wrong.",
        ReasonCode.NotAuthorized => "The client may not connect: it probably needs a user name and password, or other ones.",
        ReasonCode.ServerUnavailable or ReasonCode.ServerBusy => "The server cannot serve now; try again later.",
        ReasonCode.Banned => "An administrator has banned this client.",
        ReasonCode.BadAuthenticationMethod => "The server does not know this authentication method.",
        ReasonCode.UseAnotherServer or ReasonCode.ServerMoved => $"Another server is to be used: {result.ServerReference ?? "the server does not say which"}.",
        ReasonCode.ConnectionRateExceeded => "There are too many new connections; try again later.",
        ReasonCode.QuotaExceeded => "A limit of the server is reached.",
        ReasonCode.PacketTooLarge => "CONNECT is too large for the server: shorten the will or the user properties.",
        ReasonCode.RetainNotSupported => "The will is to be retained, and the server does not keep retained messages.",
        ReasonCode.QoSNotSupported => "The will's QoS is above what the server supports.",
        ReasonCode.TopicNameInvalid => "The server does not accept the will's topic.",
        _ => "The server gives no closer reason; its log may.",
    };
}
