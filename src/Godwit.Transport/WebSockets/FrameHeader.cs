//  0 1 2 3 4 5 6 7   0 1 2 3 4 5 6 7
// +-+-+-+-+-------+ +-+-------------+ +- - - - - - - - - - -+ +- - - - - -+
// |F|R|R|R| opcode| |M| payload len | | 16 or 64 bit length | | mask key  |      RFC 6455, section 5.2
// +-+-+-+-+-------+ +-+-------------+ +- - - - - - - - - - -+ +- - - - - -+
using System.Buffers.Binary;

namespace Godwit.Transport.WebSockets;

internal enum FrameType : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>The header of a frame.</summary>
internal readonly record struct FrameHeader(FrameType Type, bool IsFinal, byte Reserved, bool IsMasked, long Length, uint Key)
{
    public const int Longest = 14;

    /// <summary>The longest payload of a control frame.</summary>
    public const int LongestControl = 125;

    private const byte Final = 0x80, Masked = 0x80;

    public bool IsControl => Type >= FrameType.Close;

    /// <summary>How many bytes the header has, as far as that can be told from its beginning.</summary>
    public static int SizeOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2) return 2;
        int length = bytes[1] & 0x7F;
        return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + ((bytes[1] & Masked) != 0 ? 4 : 0);
    }

    /// <summary>Reads a whole header. A length that is not encoded as short as possible, or has its highest bit set, is negative.</summary>
    public static FrameHeader Read(ReadOnlySpan<byte> bytes)
    {
        long length = bytes[1] & 0x7F;
        if (length == 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            if (length < 126) length = -1;
        }
        else if (length == 127)
        {
            length = BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
            if (length <= ushort.MaxValue) length = -1;
        }
        bool isMasked = (bytes[1] & Masked) != 0;
        uint key = isMasked ? FrameMask.Read(bytes[^4..]) : 0;
        return new FrameHeader((FrameType)(bytes[0] & 0x0F), (bytes[0] & Final) != 0, (byte)(bytes[0] & 0x70), isMasked, length, key);
    }

    /// <summary>Writes the header of a whole message, without a mask key.</summary>
    /// <returns>How many bytes it has.</returns>
    public static int Write(Span<byte> target, FrameType type, int length, bool isMasked)
    {
        byte mask = isMasked ? Masked : (byte)0;
        target[0] = (byte)(Final | (byte)type);
        switch (length)
        {
            case < 126:
                target[1] = (byte)(mask | length);
                return 2;
            case <= ushort.MaxValue:
                target[1] = (byte)(mask | 126);
                BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)length);
                return 4;
            default:
                target[1] = (byte)(mask | 127);
                BinaryPrimitives.WriteInt64BigEndian(target[2..], length);
                return 10;
        }
    }
}
