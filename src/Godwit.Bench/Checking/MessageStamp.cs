// What a generated payload begins with, little-endian:
//
//   0  intended send time (8)   nanoseconds of MonotonicClock
//   8  run and phase (4)        24 bits of the run's own, 8 of its phase
//   12 publisher (4)
//   16 sequence number (4)      from 0 for each publisher and phase
//   20 filler                   the same in every message
using System.Buffers.Binary;

namespace Godwit.Bench;

/// <summary>How much a payload of some size has room for.</summary>
public enum StampLevel
{
    /// <summary>Less than 8 bytes: messages are counted, and nothing else.</summary>
    None,

    /// <summary>8 to 19 bytes: latency too.</summary>
    Time,

    /// <summary>20 bytes and more: loss, duplicates, order and content of every message.</summary>
    Full,
}

internal readonly record struct MessageStamp(long Time, uint Run, int Publisher, long Sequence)
{
    public const int TimeSize = 8, FullSize = 20;

    public static StampLevel LevelOf(int payloadSize) =>
        payloadSize >= FullSize ? StampLevel.Full : payloadSize >= TimeSize ? StampLevel.Time : StampLevel.None;

    /// <summary>A payload whose stamp is still to be written.</summary>
    public static byte[] CreatePayload(int size)
    {
        var payload = new byte[size];
        for (int i = 0; i < size; i++) payload[i] = (byte)('a' + i % 26);
        return payload;
    }

    public void Write(Span<byte> payload, StampLevel level)
    {
        if (level == StampLevel.None) return;
        BinaryPrimitives.WriteInt64LittleEndian(payload, Time);
        if (level == StampLevel.Time) return;
        BinaryPrimitives.WriteUInt32LittleEndian(payload[8..], Run);
        BinaryPrimitives.WriteInt32LittleEndian(payload[12..], Publisher);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[16..], (uint)Sequence);
    }

    public static MessageStamp Read(ReadOnlySpan<byte> payload, StampLevel level)
    {
        if (level == StampLevel.None) return default;
        long time = BinaryPrimitives.ReadInt64LittleEndian(payload);
        if (level == StampLevel.Time) return new MessageStamp(time, 0, 0, 0);
        return new MessageStamp(
            time, BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]), BinaryPrimitives.ReadInt32LittleEndian(payload[12..]),
            BinaryPrimitives.ReadUInt32LittleEndian(payload[16..]));
    }
}
