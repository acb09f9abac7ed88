// An IP address and port as the kernel writes it (struct sockaddr_in or sockaddr_in6). A connection keeps these 28 bytes instead of an
// IPEndPoint object of some hundred.
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Godwit.Transport.Epoll;

[InlineArray(Size)]
internal unsafe struct SocketAddressBytes
{
    public const int Size = 28;

    private const int FamilyInet = 2;
    private const int FamilyInet6 = 10;

    private byte _first;

    public static int FamilyOf(IPEndPoint endPoint) => endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? FamilyInet6 : FamilyInet;

    public static SocketAddressBytes From(IPEndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize(); // has the platform's own layout
        var bytes = new SocketAddressBytes();
        address.Buffer.Span[..Math.Min(address.Size, Size)].CopyTo(bytes);
        return bytes;
    }

    public static SocketAddressBytes OfLocal(int fd)
    {
        var bytes = new SocketAddressBytes();
        uint length = Size;
        _ = LibC.getsockname(fd, (byte*)&bytes, &length);
        return bytes;
    }

    /// <summary>Accepts a connection and its address.</summary>
    public static int Accept(int listener, out SocketAddressBytes remote)
    {
        SocketAddressBytes bytes = default;
        uint length = Size;
        int fd = LibC.accept4(listener, (byte*)&bytes, &length, LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC);
        remote = bytes;
        return fd;
    }

    public readonly int Bind(int fd)
    {
        SocketAddressBytes bytes = this;
        return LibC.bind(fd, (byte*)&bytes, bytes.Length);
    }

    public readonly int Connect(int fd)
    {
        SocketAddressBytes bytes = this;
        return LibC.connect(fd, (byte*)&bytes, bytes.Length);
    }

    public readonly IPEndPoint? ToEndPoint()
    {
        ReadOnlySpan<byte> bytes = this;
        int port = bytes[2] << 8 | bytes[3];
        return BitConverter.ToUInt16(bytes) switch
        {
            FamilyInet => new IPEndPoint(new IPAddress(bytes[4..8]), port),
            FamilyInet6 => new IPEndPoint(new IPAddress(bytes[8..24], BitConverter.ToUInt32(bytes[24..])), port),
            _ => null,
        };
    }

    private readonly uint Length
    {
        get
        {
            ReadOnlySpan<byte> bytes = this;
            return BitConverter.ToUInt16(bytes) == FamilyInet ? 16u : Size;
        }
    }
}
