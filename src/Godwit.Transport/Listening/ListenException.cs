using System.Net;
using System.Net.Sockets;

namespace Godwit.Transport;

/// <summary>An address cannot be listened on. The message says why and what to do about it.</summary>
public sealed class ListenException : IOException
{
    internal ListenException(string message) : base(message) => SocketError = SocketError.AddressAlreadyInUse;

    internal ListenException(string message, SocketException inner) : base(message, inner) => SocketError = inner.SocketErrorCode;

    /// <summary>The operating system's error.</summary>
    public SocketError SocketError { get; }

    internal static ListenException For(EndPoint endPoint, SocketException error) => endPoint is IPEndPoint address
        ? For(address, error)
        : new ListenException($"Cannot listen on the Unix socket {endPoint}: {UnixReason(error.SocketErrorCode) ?? error.Message}", error);

    private static string? UnixReason(SocketError error) => error switch
    {
        SocketError.AccessDenied => "permission denied. The directory must be writable for this user.",
        SocketError.AddressNotAvailable => "there is no such directory.",
        SocketError.AddressAlreadyInUse => "the file is there already.",
        _ => null,
    };

    private static ListenException For(IPEndPoint endPoint, SocketException error)
    {
        string where = $"Cannot listen on {endPoint.Address} port {endPoint.Port}";
        string message = error.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse =>
                $"{where}: the port is in use. Stop the program that uses it (ss -ltnp 'sport = :{endPoint.Port}' shows it) "
                + "or choose another port.",
            SocketError.AccessDenied =>
                $"{where}: permission denied. Ports below 1024 need the capability CAP_NET_BIND_SERVICE or root; "
                + "or choose a port from 1024 on.",
            SocketError.AddressNotAvailable =>
                $"{where}: this machine has no such address. Use one of its own (ip address shows them), or 0.0.0.0 or :: for all.",
            SocketError.AddressFamilyNotSupported =>
                $"{where}: the system does not support this kind of address (is IPv6 switched off?). Use an IPv4 address.",
            _ => $"{where}: {error.Message}.",
        };
        return new ListenException(message, error);
    }
}
