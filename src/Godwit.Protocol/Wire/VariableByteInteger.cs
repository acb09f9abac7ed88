namespace Godwit.Protocol.Wire;

/// <summary>
/// Variable byte integers (MQTT 5 section 1.5.5; the remaining length of 3.1.1 section 2.2.3): seven bits a byte, least
/// significant first, bit 7 says that another byte follows. 64 is <c>40</c>, 321 = 65 + 2 x 128 is <c>C1 02</c>.
/// </summary>
public static class VariableByteInteger
{
    /// <summary>The largest value that four bytes hold: 268,435,455.</summary>
    public const int MaxValue = 268_435_455;

    /// <summary>How many bytes a value takes: 1 to 4.</summary>
    public static int Size(int value) => value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;

    /// <summary>Writes a value.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int Write(Span<byte> destination, int value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)value, (uint)MaxValue, nameof(value));
        int n = 0;
        while (value >= 128)
        {
            destination[n++] = (byte)(value | 0x80);
            value >>= 7;
        }
        destination[n++] = (byte)value;
        return n;
    }

    /// <summary>Reads a value.</summary>
    /// <param name="input">Where it starts; may end before it does.</param>
    /// <param name="value">The value, if complete.</param>
    /// <returns>How many bytes it took (1 to 4); 0 if the input ends before the value does; -1 if a fifth byte would be needed.</returns>
    public static int Read(ReadOnlySpan<byte> input, out int value)
    {
        value = 0;
        for (int n = 0; n < 4; n++)
        {
            if (n >= input.Length) return 0;
            byte b = input[n];
            value |= (b & 0x7F) << (7 * n);
            if (b < 0x80) return n + 1;
        }
        return -1;
    }
}
