// A TCP segment as it lies in the frame: RFC 9293, section 3.1.
//
//     source port | destination port | sequence number | acknowledgment number | data offset, flags | window | checksum | urgent | options | data
using System.Buffers.Binary;
using Godwit.Capture.Network;

namespace Godwit.Capture.Tcp;

/// <summary>The control bits of a segment.</summary>
[Flags]
public enum TcpFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The sender has no more data.</summary>
    Fin = 0x01,

    /// <summary>The sender opens the connection.</summary>
    Syn = 0x02,

    /// <summary>The sender aborts the connection.</summary>
    Rst = 0x04,

    /// <summary>The data should be given to the application at once.</summary>
    Psh = 0x08,

    /// <summary>The acknowledgment number is valid.</summary>
    Ack = 0x10,

    /// <summary>The urgent pointer is valid.</summary>
    Urg = 0x20,

    /// <summary>Explicit congestion notification: echo.</summary>
    Ece = 0x40,

    /// <summary>Explicit congestion notification: window reduced.</summary>
    Cwr = 0x80,
}

internal ref struct TcpSegment
{
    private const int LeastHeader = 20, EndOption = 0, NoOption = 1, WindowScaleOption = 3;

    public Arrival At;
    public uint Sequence, Acknowledgement;
    public TcpFlags Flags;
    public ushort SourcePort, DestinationPort, Window;
    public int HeaderLength;

    /// <summary>The data that was captured.</summary>
    public ReadOnlySpan<byte> Payload;

    /// <summary>How much data it has.</summary>
    public int PayloadLength;

    public ReadOnlySpan<byte> Options;

    public readonly bool Has(TcpFlags flag) => (Flags & flag) != 0;

    /// <summary>How much of the sequence space it takes.</summary>
    public readonly int SequenceLength => PayloadLength + (Has(TcpFlags.Syn) ? 1 : 0) + (Has(TcpFlags.Fin) ? 1 : 0);

    public static bool TryRead(in Datagram datagram, out TcpSegment segment)
    {
        segment = default;
        ReadOnlySpan<byte> bytes = datagram.Bytes;
        if (bytes.Length < LeastHeader) return false;
        int header = (bytes[12] >> 4) * 4;
        if (header < LeastHeader || header > datagram.Length) return false;
        segment.At = datagram.At;
        segment.SourcePort = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        segment.DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        segment.Sequence = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        segment.Acknowledgement = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]);
        segment.Flags = (TcpFlags)bytes[13];
        segment.Window = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        segment.HeaderLength = header;
        segment.Options = bytes[LeastHeader..Math.Min(header, bytes.Length)];
        segment.Payload = bytes.Length > header ? bytes[header..] : default;
        segment.PayloadLength = datagram.Length - header;
        return true;
    }

    /// <summary>By how many bits the sender's windows are to be shifted (RFC 7323), or -1 if it does not say.</summary>
    public readonly int WindowScale()
    {
        ReadOnlySpan<byte> options = Options;
        while (options.Length > 0 && options[0] != EndOption)
        {
            if (options[0] == NoOption)
            {
                options = options[1..];
                continue;
            }
            if (options.Length < 2 || options[1] < 2 || options[1] > options.Length) break;
            if (options[0] == WindowScaleOption && options[1] == 3) return Math.Min(options[2], (byte)14);
            options = options[options[1]..];
        }
        return -1;
    }
}
