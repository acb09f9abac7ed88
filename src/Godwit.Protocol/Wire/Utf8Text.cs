using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Godwit.Protocol.Wire;

/// <summary>The rules for MQTT's strings (section 1.5.4; 1.5.3 in 3.1.1).</summary>
public static class Utf8Text
{
    /// <summary>The longest string that its two-byte length can announce, in bytes.</summary>
    public const int MaxLength = 65_535;

    /// <summary>
    /// Null if the bytes are well-formed UTF-8 without surrogates and without U+0000; otherwise what is wrong.
    /// <c>[MQTT-1.5.4-1]</c> <c>[MQTT-1.5.4-2]</c>. U+FEFF is an ordinary character and stays. <c>[MQTT-1.5.4-3]</c>
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Violation? Check(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text)) return Violations.IllFormedUtf8;
        return text.Contains((byte)0) ? Violations.NullCharacter : null;
    }
}
