// A connection in a trace that wants it: what the trace has been told of it, and which packet identifiers its topics are about.
using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
using Godwit.Broker.Connections;
using Godwit.Protocol;

namespace Godwit.Broker.Tracing;

/// <param name="trace">The trace.</param>
/// <param name="isNew">Whether nothing had come from the connection when the trace found it.</param>
internal sealed class TapMatch(Trace trace, bool isNew)
{
    private readonly HashSet<ushort>?[] _awaited = new HashSet<ushort>?[2]; // identifiers of PUBLISHes, by their direction
    private readonly int[] _droppedPackets = new int[2];
    private readonly long[] _droppedBytes = new long[2];
    private bool _isTold;

    public Trace Trace => trace;

    /// <summary>Whether a packet is about the topics of the trace: a PUBLISH to one of them, or the acknowledgement of such a one.</summary>
    public bool IsAbout(TraceDirection direction, in PacketFrame frame, ReadOnlySpan<byte> packet, ReadOnlySpan<byte> topic)
    {
        switch (frame.Type)
        {
            case PacketType.Publish:
                if (topic.IsEmpty || !trace.Filter.Matches(topic)) return false;
                if ((frame.Flags & 6) != 0) (_awaited[(int)direction] ??= []).Add(PublishId(frame, packet));
                return true;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubcomp:
                return IsAwaited(1 - direction, frame, packet, isLast: frame.Type != PacketType.Pubrec || IsRefusal(frame, packet));
            case PacketType.Pubrel:
                return IsAwaited(direction, frame, packet, isLast: false);
            default:
                return false;
        }
    }

    /// <summary>Adds a packet, or bytes that are none, and in front of it what has to be said before.</summary>
    public void Add(
        TraceRecordKind kind, long time, ClientConnection connection, long number, ProtocolVersion version, TraceDirection direction, int length,
        ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
    {
        if (head.Length > trace.LongestPacket) head = head[..trace.LongestPacket];
        if (rest.Length > trace.LongestPacket - head.Length) rest = rest[..(trace.LongestPacket - head.Length)];
        TracePart part = trace.PartOf(connection.Shard);
        int size = TraceWriter.PacketHead + head.Length + rest.Length;
        if (!part.TryReserve(size + SizeInFront, out Span<byte> room))
        {
            _droppedPackets[(int)direction]++;
            _droppedBytes[(int)direction] += length;
            trace.CountDropped(length);
            return;
        }
        var writer = new TraceWriter(room);
        WriteInFront(ref writer, time, connection, number, version);
        writer.WritePacket(kind, time, number, direction, length, head, rest);
        part.Commit(1, writer.Used);
    }

    /// <summary>Adds the end of the connection, if the trace knows of it.</summary>
    public void AddClosed(long time, ClientConnection connection, long number, EndReason reason, string? detail)
    {
        TracePart part = trace.PartOf(connection.Shard);
        if (trace.Filter.HasTopic && !_isTold) return;
        if (!part.TryReserve(TraceWriter.MostOfOthers + SizeInFront, out Span<byte> room)) return;
        TraceEnding by = reason switch
        {
            EndReason.ClientDisconnected or EndReason.ClientDisconnectedWithWill or EndReason.ClientClosed => TraceEnding.Client,
            EndReason.ConnectionLost => TraceEnding.Network,
            _ => TraceEnding.Broker,
        };
        var writer = new TraceWriter(room);
        WriteInFront(ref writer, time, connection, number, connection.Version);
        writer.WriteClosed(time, number, by, JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString()), detail);
        part.Commit(0, writer.Used);
    }

    private int SizeInFront => _isTold ? _droppedPackets[0] + _droppedPackets[1] == 0 ? 0 : 2 * TraceWriter.Dropped : TraceWriter.MostOfOthers + 2 * TraceWriter.Dropped;

    private void WriteInFront(ref TraceWriter writer, long time, ClientConnection connection, long number, ProtocolVersion version)
    {
        if (!_isTold)
        {
            _isTold = true;
            trace.CountConnection();
            writer.WriteOpened(time, number, new TracedConnection(
                isNew && !trace.Filter.HasTopic, connection.ClientId is null ? ProtocolVersion.Unknown : version,
                connection.RemoteEndPoint as IPEndPoint, connection.Transport.LocalEndPoint as IPEndPoint, connection.ClientId, connection.UserName,
                connection.Listener == ListenerOptions.InProcess ? null : connection.Listener.NameOf(connection.Listener.EndPoint)));
        }
        for (int direction = 0; direction < 2; direction++)
        {
            if (_droppedPackets[direction] == 0) continue;
            writer.WriteDropped(time, number, (TraceDirection)direction, _droppedPackets[direction], _droppedBytes[direction]);
            _droppedPackets[direction] = 0;
            _droppedBytes[direction] = 0;
        }
    }

    private bool IsAwaited(TraceDirection publish, in PacketFrame frame, ReadOnlySpan<byte> packet, bool isLast)
    {
        if (_awaited[(int)publish] is not { } awaited || frame.RemainingLength < 2) return false;
        ushort id = BinaryPrimitives.ReadUInt16BigEndian(packet[frame.HeaderLength..]);
        return isLast ? awaited.Remove(id) : awaited.Contains(id);
    }

    private static bool IsRefusal(in PacketFrame frame, ReadOnlySpan<byte> packet) => frame.RemainingLength > 2 && packet[frame.HeaderLength + 2] >= 0x80;

    private static ushort PublishId(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        int at = frame.HeaderLength + 2 + BinaryPrimitives.ReadUInt16BigEndian(packet[frame.HeaderLength..]);
        return packet.Length < at + 2 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(packet[at..]);
    }
}
