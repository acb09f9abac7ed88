// The mask of client frames (RFC 6455, section 5.3): bytes are combined with a repeating key of four. Moving the bytes to where they are
// wanted is done in the same pass, a vector at a time: this is the only thing that WebSocket does to every byte.
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Godwit.Transport.WebSockets;

internal static class FrameMask
{
    /// <summary>Applies the key, whose first byte goes to the first byte here, on the way from source to target.</summary>
    /// <param name="key">The key as its bytes lie in memory.</param>
    /// <param name="source">The bytes.</param>
    /// <param name="target">May overlap with the source if it does not begin behind it.</param>
    /// <returns>The key for what follows.</returns>
    public static uint Apply(uint key, ReadOnlySpan<byte> source, Span<byte> target)
    {
        int i = 0;
        if (source.Length >= Vector<byte>.Count)
        {
            Vector<byte> keys = Vector.AsVectorByte(new Vector<uint>(key));
            for (; i <= source.Length - Vector<byte>.Count; i += Vector<byte>.Count)
                (new Vector<byte>(source[i..]) ^ keys).CopyTo(target[i..]);
        }
        for (; i <= source.Length - sizeof(uint); i += sizeof(uint))
            MemoryMarshal.Write(target[i..], MemoryMarshal.Read<uint>(source[i..]) ^ key);
        Span<byte> keyBytes = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(keyBytes, key);
        for (int k = 0; i < source.Length; i++, k++) target[i] = (byte)(source[i] ^ keyBytes[k]);
        int turn = (source.Length & 3) * 8;
        return BitConverter.IsLittleEndian ? BitOperations.RotateRight(key, turn) : BitOperations.RotateLeft(key, turn);
    }

    /// <summary>A key from its four bytes on the wire.</summary>
    public static uint Read(ReadOnlySpan<byte> bytes) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
