// Writes records of a trace into room that has been reserved for them. The form is drawn in TraceRecord.cs.
using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Godwit.Broker.Tracing;

internal ref struct TraceWriter(Span<byte> room)
{
    private const int MostText = 4096;

    private readonly Span<byte> _room = room;
    private int _used, _lengthAt;

    /// <summary>Bytes of a packet's record beyond those of the packet.</summary>
    public const int PacketHead = TraceMessage.RecordHead + 16 + 5;

    /// <summary>Bytes of a record of what was dropped.</summary>
    public const int Dropped = TraceMessage.RecordHead + 16 + 13;

    /// <summary>Bytes that a record of texts and addresses takes at most.</summary>
    public const int MostOfOthers = TraceMessage.RecordHead + 16 + 2 + 2 * 19 + 3 * (2 + MostText);

    public readonly int Used => _used;

    public void WriteOpened(long time, long connection, TracedConnection opened)
    {
        Begin(TraceRecordKind.Opened, time, connection);
        Byte(opened.IsFromBeginning ? (byte)1 : (byte)0);
        Byte((byte)opened.Version);
        Address(opened.Client);
        Address(opened.Broker);
        Text(opened.ClientId);
        Text(opened.UserName);
        Text(opened.Listener);
        End();
    }

    public void WritePacket(TraceRecordKind kind, long time, long connection, TraceDirection direction, int length, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
    {
        Begin(kind, time, connection);
        Byte((byte)direction);
        UInt32((uint)length);
        Bytes(head);
        Bytes(rest);
        End();
    }

    public void WriteDropped(long time, long connection, TraceDirection direction, int packets, long bytes)
    {
        Begin(TraceRecordKind.Dropped, time, connection);
        Byte((byte)direction);
        UInt32((uint)packets);
        Int64(bytes);
        End();
    }

    public void WriteClosed(long time, long connection, TraceEnding by, string reason, string? detail)
    {
        Begin(TraceRecordKind.Closed, time, connection);
        Byte((byte)by);
        Text(reason);
        Text(detail);
        End();
    }

    public void WriteEnd(long time, string reason)
    {
        Begin(TraceRecordKind.End, time, 0);
        Text(reason);
        End();
    }

    private void Begin(TraceRecordKind kind, long time, long connection)
    {
        Byte((byte)kind);
        _lengthAt = _used;
        UInt32(0);
        Int64(time);
        Int64(connection);
    }

    private readonly void End() => BinaryPrimitives.WriteUInt32BigEndian(_room[_lengthAt..], (uint)(_used - _lengthAt - 4));

    private void Byte(byte value) => _room[_used++] = value;

    private void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_room[_used..], value);
        _used += 2;
    }

    private void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_room[_used..], value);
        _used += 4;
    }

    private void Int64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_room[_used..], value);
        _used += 8;
    }

    private void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_room[_used..]);
        _used += bytes.Length;
    }

    private void Address(EndPoint? endPoint)
    {
        if (endPoint is not IPEndPoint { Address: var address, Port: var port })
        {
            Byte(0);
            return;
        }
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        byte[] bytes = address.GetAddressBytes();
        Byte(bytes.Length == 4 ? (byte)4 : (byte)6);
        Bytes(bytes);
        UInt16((ushort)port);
    }

    // Names as long as MQTT allows would make records long that nobody reads.
    private void Text(string? text)
    {
        if (text is null)
        {
            UInt16(ushort.MaxValue);
            return;
        }
        Encoding.UTF8.GetEncoder().Convert(text, _room.Slice(_used + 2, Math.Min(MostText, _room.Length - _used - 2)), flush: true, out _, out int length, out _);
        UInt16((ushort)length);
        _used += length;
    }
}
