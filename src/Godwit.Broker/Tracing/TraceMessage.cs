// Reads a message of a trace, for tools. The form is drawn in TraceRecord.cs.
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using Godwit.Protocol;

namespace Godwit.Broker.Tracing;

/// <summary>A message of a trace: <c>var message = new TraceMessage(payload); while (message.TryRead(out TraceRecord record)) ...</c></summary>
public ref struct TraceMessage
{
    internal const byte Form = 1;
    internal const int HeadLength = 17, RecordHead = 5;

    private ReadOnlySpan<byte> _rest;

    /// <summary>Begins to read.</summary>
    /// <param name="payload">The payload of a message.</param>
    /// <exception cref="FormatException">It is not one of a trace, or of a later form.</exception>
    public TraceMessage(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeadLength || payload[0] != Form) throw new FormatException("The broker's trace is not understood; it may be of another version.");
        DroppedPackets = BinaryPrimitives.ReadInt64BigEndian(payload[1..]);
        DroppedBytes = BinaryPrimitives.ReadInt64BigEndian(payload[9..]);
        _rest = payload[HeadLength..];
    }

    /// <summary>Packets that the trace has left out so far, of all connections, because the reader was too slow.</summary>
    public long DroppedPackets { get; }

    /// <summary>Their bytes.</summary>
    public long DroppedBytes { get; }

    /// <summary>Reads the next record that is understood.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="FormatException">It breaks off.</exception>
    public bool TryRead(out TraceRecord record)
    {
        while (!_rest.IsEmpty)
        {
            var reader = new Reader(_rest);
            var kind = (TraceRecordKind)reader.Byte();
            var body = new Reader(reader.Take(checked((int)reader.UInt32())));
            _rest = reader.Rest;
            if (TryRead(kind, body, out record)) return true;
        }
        record = default;
        return false;
    }

    private static bool TryRead(TraceRecordKind kind, Reader body, out TraceRecord record)
    {
        record = default;
        if (kind is < TraceRecordKind.Opened or > TraceRecordKind.End) return false;
        var head = new TraceRecord { Kind = kind, Time = body.Int64(), Connection = body.Int64() };
        switch (kind)
        {
            case TraceRecordKind.Opened:
                bool isFromBeginning = (body.Byte() & 1) != 0;
                var version = (ProtocolVersion)body.Byte();
                record = head with { Opened = new TracedConnection(isFromBeginning, version, body.Address(), body.Address(), body.Text(), body.Text(), body.Text()) };
                return true;
            case TraceRecordKind.Packet or TraceRecordKind.Bytes:
                record = head with { Direction = (TraceDirection)body.Byte(), Length = body.UInt32(), Bytes = body.Rest };
                return true;
            case TraceRecordKind.Dropped:
                record = head with { Direction = (TraceDirection)body.Byte(), Packets = (int)body.UInt32(), Length = body.Int64() };
                return true;
            case TraceRecordKind.Closed:
                record = head with { EndedBy = (TraceEnding)body.Byte(), Reason = body.Text(), Detail = body.Text() };
                return true;
            default:
                record = head with { Reason = body.Text() };
                return true;
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        public ReadOnlySpan<byte> Rest { get; private set; } = bytes;

        public byte Byte() => Take(1)[0];

        public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

        public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

        public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

        public string? Text() => UInt16() is var length && length == ushort.MaxValue ? null : Encoding.UTF8.GetString(Take(length));

        public IPEndPoint? Address() => Byte() switch
        {
            0 => null,
            4 => new IPEndPoint(new IPAddress(Take(4)), UInt16()),
            6 => new IPEndPoint(new IPAddress(Take(16)), UInt16()),
            _ => Fail<IPEndPoint>(),
        };

        public ReadOnlySpan<byte> Take(int count)
        {
            if (count > Rest.Length) Fail<byte>();
            ReadOnlySpan<byte> taken = Rest[..count];
            Rest = Rest[count..];
            return taken;
        }

        [DoesNotReturn]
        private static T Fail<T>() => throw new FormatException("The broker's trace breaks off within a record; it may be of another version.");
    }
}
