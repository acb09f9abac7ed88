// What goes wrong between a proxy and its two sides, in sentences for the person who has started it.
using System.Net.Sockets;
using System.Security.Authentication;
using Godwit.Transport.Tls;

namespace Godwit.Capture.Proxy;

internal static class ProxyFailure
{
    /// <summary>Why the host could not be reached.</summary>
    public static string OfHost(Exception exception, ProxyOptions options)
    {
        string host = $"{options.Host}:{options.Port}";
        return exception switch
        {
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"{host} refuses the connection: nothing listens there. Is the broker running, and is this its port?",
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => $"there is no host with the name {options.Host} (DNS).",
            SocketException { SocketErrorCode: SocketError.TryAgain } => $"the name {options.Host} cannot be looked up at the moment (DNS).",
            SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable } => $"there is no way to {host} in the network.",
            OperationCanceledException or SocketException { SocketErrorCode: SocketError.TimedOut } => $"{host} has not answered within {options.Timeout.TotalSeconds:0.#} seconds. A firewall may be in between.",
            AuthenticationException => $"the TLS handshake with {host} failed: {OfCertificate(exception, options)}",
            _ => $"connecting with {host} failed: {TlsErrors.Explain(exception)}",
        };
    }

    /// <summary>Why a client's TLS handshake did not come to its end.</summary>
    public static string OfClient(Exception exception, ProxyOptions options) => exception is OperationCanceledException
        ? $"the client has not finished the TLS handshake within {options.Timeout.TotalSeconds:0.#} seconds. Does it speak TLS?"
        : $"the client's TLS handshake failed: {TlsErrors.Explain(exception)}";

    private static string OfCertificate(Exception exception, ProxyOptions options)
    {
        string message = exception.Message;
        if (message.Contains("RemoteCertificateNameMismatch", StringComparison.Ordinal)) return $"its certificate is not for the name {options.Host}.";
        if (message.Contains("UntrustedRoot", StringComparison.Ordinal) || message.Contains("PartialChain", StringComparison.Ordinal))
            return "its certificate comes from an unknown authority, whose CA certificate is needed.";
        return message.Contains("NotTimeValid", StringComparison.Ordinal) ? "its certificate has expired or is not valid yet." : TlsErrors.Explain(exception);
    }
}
