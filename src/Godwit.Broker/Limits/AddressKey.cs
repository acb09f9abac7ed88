using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Godwit.Broker.Limits;

/// <summary>
/// Whom the limits on addresses take for one: an address of IPv4, or a /64 network of IPv6. A customer has at least that many addresses of IPv6,
/// and could come from another one each time.
/// </summary>
internal readonly record struct AddressKey(ulong Network, bool IsIPv6)
{
    public static AddressKey Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new AddressKey(BinaryPrimitives.ReadUInt64BigEndian(bytes), true)
            : new AddressKey(BinaryPrimitives.ReadUInt32BigEndian(bytes), false);
    }
}
