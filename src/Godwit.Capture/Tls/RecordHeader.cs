//  0        1        2        3        4        5
// +--------+--------+--------+--------+--------+-- ... --+
// | type   | version 3, n    | length          | fragment|      RFC 8446, section 5.1; RFC 5246, section 6.2
// +--------+--------+--------+--------+--------+-- ... --+
using System.Buffers.Binary;

namespace Godwit.Capture.Tls;

internal enum RecordType : byte
{
    ChangeCipherSpec = 20,
    Alert = 21,
    Handshake = 22,
    ApplicationData = 23,
}

/// <summary>The header of a record.</summary>
internal readonly record struct RecordHeader(RecordType Type, int FragmentLength)
{
    /// <summary>Bytes of a header.</summary>
    public const int Length = 5;

    /// <summary>Bytes of the longest fragment: 16 KiB of content, and what TLS 1.2 may add to it.</summary>
    public const int LongestFragment = 16 * 1024 + 2048;

    /// <summary>Bytes of the whole record.</summary>
    public int RecordLength => Length + FragmentLength;

    /// <summary>Whether a record may begin like this; also of less than a header.</summary>
    public static bool MayBegin(ReadOnlySpan<byte> bytes) =>
        bytes is [>= (byte)RecordType.ChangeCipherSpec and <= (byte)RecordType.ApplicationData, ..]
        && (bytes.Length < 2 || bytes[1] == 3) && (bytes.Length < 3 || bytes[2] <= 4);

    /// <summary>Reads a whole header; null if it is none.</summary>
    public static RecordHeader? Read(ReadOnlySpan<byte> bytes)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        return MayBegin(bytes) && length <= LongestFragment ? new RecordHeader((RecordType)bytes[0], length) : null;
    }
}
