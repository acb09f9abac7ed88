// The calls into the C library for packet sockets, and the kernel's constants and layouts for them: packet(7), linux/if_packet.h, linux/filter.h.
using System.Runtime.InteropServices;

namespace Godwit.Capture.Live;

internal static unsafe partial class PacketLib
{
    public const int EPERM = 1, EINTR = 4, EACCES = 13, EAFNOSUPPORT = 97, ENETDOWN = 100;
    public const int AF_PACKET = 17, SOCK_RAW = 3, SOCK_CLOEXEC = 0x80000, EventFdCloseOnExec = 0x80000;
    public const int SOL_SOCKET = 1, SO_ERROR = 4, SO_ATTACH_FILTER = 26;
    public const int SOL_PACKET = 263, PACKET_ADD_MEMBERSHIP = 1, PACKET_RX_RING = 5, PACKET_STATISTICS = 6, PACKET_VERSION = 10;
    public const int TPACKET_V3 = 2, PACKET_MR_PROMISC = 1, PACKET_OUTGOING = 4;
    public const ushort ProtocolAll = 0x0300; // ETH_P_ALL in network byte order
    public const int PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1;
    public const short POLLIN = 1, POLLERR = 8;
    public const int InterfaceNameSize = 16;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int fd, int level, int option, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockopt(int fd, int level, int option, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int fd, LinkAddress* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial byte* mmap(void* address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport("libc")]
    public static partial int munmap(void* address, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollRequest* requests, nuint count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc")]
    public static partial nint write(int fd, void* buffer, nuint count);

    [LibraryImport("libc")]
    public static partial int close(int fd);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint if_nametoindex(string name);

    [LibraryImport("libc")]
    public static partial byte* if_indextoname(uint index, byte* name);

    /// <summary>struct pollfd</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>struct sockaddr_ll</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LinkAddress
    {
        public ushort Family;
        public ushort Protocol;
        public int InterfaceIndex;
        public ushort HardwareType;
        public byte PacketType;
        public byte AddressLength;
        public ulong Address;
    }

    /// <summary>struct tpacket_req3</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct RingRequest
    {
        public uint BlockSize, BlockCount, FrameSize, FrameCount, RetireMilliseconds, PrivateSize, Features;
    }

    /// <summary>struct tpacket_block_desc, with struct tpacket_hdr_v1 in it</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Block
    {
        public uint Version, PrivateOffset, Status, FrameCount, FirstFrame, Length;
    }

    /// <summary>struct tpacket3_hdr; a <see cref="LinkAddress"/> follows.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 48)]
    public struct FrameHeader
    {
        public uint NextOffset, Seconds, Nanoseconds, Captured, Length, Status;
        public ushort LinkOffset, NetworkOffset;
    }

    /// <summary>struct tpacket_stats_v3</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Statistics
    {
        public uint Frames, Drops, Freezes;
    }

    /// <summary>struct packet_mreq</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Membership
    {
        public int InterfaceIndex;
        public ushort Type, AddressLength;
        public ulong Address;
    }

    /// <summary>struct sock_filter</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FilterInstruction
    {
        public ushort Code;
        public byte IfTrue, IfFalse;
        public uint Operand;
    }

    /// <summary>struct sock_fprog</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FilterProgram
    {
        public ushort Length;
        public FilterInstruction* Instructions;
    }
}
