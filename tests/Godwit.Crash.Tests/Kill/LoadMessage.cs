using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Godwit.Crash.Tests.Kill;

/// <summary>
/// What makes messages comparable: those of one publisher to one topic at one QoS have an order, and are numbered in it from 1 on.
/// </summary>
internal readonly record struct MessageStream(int Publisher, int Topic, QoS QoS);

/// <summary>A payload that says which message it is, and proves that it has not changed: publisher, topic, QoS, number, padding, checksum.</summary>
internal readonly record struct LoadMessage(MessageStream Stream, int Number)
{
    private const int Header = 8, Checksum = 8;

    /// <summary>The payload, with so many bytes of padding.</summary>
    public byte[] ToPayload(int padding)
    {
        byte[] payload = new byte[Header + padding + Checksum];
        (payload[0], payload[1], payload[2]) = ((byte)Stream.Publisher, (byte)Stream.Topic, (byte)Stream.QoS);
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), Number);
        payload.AsSpan(Header, padding).Fill((byte)Number);
        SHA256.HashData(payload.AsSpan(0, Header + padding)).AsSpan(0, Checksum).CopyTo(payload.AsSpan(Header + padding));
        return payload;
    }

    /// <summary>Reads a payload.</summary>
    /// <returns>False if it is not as it was sent.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out LoadMessage message)
    {
        message = default;
        if (payload.Length < Header + Checksum) return false;
        ReadOnlySpan<byte> content = payload[..^Checksum];
        message = new LoadMessage(new MessageStream(payload[0], payload[1], (QoS)payload[2]), BinaryPrimitives.ReadInt32LittleEndian(payload[4..]));
        return SHA256.HashData(content).AsSpan(0, Checksum).SequenceEqual(payload[^Checksum..]);
    }
}
