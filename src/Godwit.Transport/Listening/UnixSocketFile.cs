// The file of a Unix socket. It stays behind when a process is killed, and then keeps the next one from listening: whether somebody is still
// there is found out by connecting.
using System.Net;
using System.Net.Sockets;

namespace Godwit.Transport;

internal static class UnixSocketFile
{
    /// <summary>Removes a socket that nobody listens on any more.</summary>
    /// <exception cref="ListenException">Somebody does, or the file is something else.</exception>
    public static void MakeWay(UnixDomainSocketEndPoint endPoint)
    {
        string path = endPoint.ToString();
        if (!File.Exists(path)) return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            if (!IsSocket(path)) throw new ListenException($"Cannot listen on the Unix socket {path}: there is a file of that name, which is no socket. Choose another path.");
            Remove(endPoint);
            return;
        }
        catch (SocketException)
        {
            // Somebody is there who is busy, or whom we may not reach.
        }
        throw new ListenException($"Cannot listen on the Unix socket {path}: it is in use. Stop the program that uses it (ss -xlp shows it) or choose another path.");
    }

    public static void SetMode(EndPoint endPoint, UnixFileMode? mode)
    {
        if (mode is { } wanted && !OperatingSystem.IsWindows()) File.SetUnixFileMode(endPoint.ToString()!, wanted);
    }

    /// <summary>Removes the file, if it is a Unix socket's.</summary>
    public static void Remove(EndPoint endPoint)
    {
        if (endPoint is not UnixDomainSocketEndPoint) return;
        try
        {
            File.Delete(endPoint.ToString()!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is stale then, and the next one who wants to listen there sees that.
        }
    }

    // A regular file can be read, a socket cannot be opened.
    private static bool IsSocket(string path)
    {
        try
        {
            File.OpenRead(path).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
