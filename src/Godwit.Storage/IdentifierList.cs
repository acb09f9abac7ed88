// Subscription Identifiers as a column: a JSON array, which a person can read and SQLite's json_each can take apart.
using System.Buffers.Text;

namespace Godwit.Storage;

internal static class IdentifierList
{
    // "4294967295," and the brackets.
    private const int LongestNumber = 11;

    /// <summary>Bytes that a list needs at most.</summary>
    public static int MaximumLength(ReadOnlySpan<uint> identifiers) => 2 + (identifiers.Length * LongestNumber);

    /// <summary>Writes a list.</summary>
    /// <returns>How many bytes it has.</returns>
    public static int Write(ReadOnlySpan<uint> identifiers, Span<byte> target)
    {
        int length = 0;
        target[length++] = (byte)'[';
        foreach (uint identifier in identifiers)
        {
            if (length > 1) target[length++] = (byte)',';
            Utf8Formatter.TryFormat(identifier, target[length..], out int written);
            length += written;
        }
        target[length++] = (byte)']';
        return length;
    }

    /// <summary>Reads a list; what is not a number is passed over.</summary>
    public static uint[]? Read(ReadOnlySpan<byte> text)
    {
        var identifiers = new List<uint>();
        while (!text.IsEmpty)
        {
            if (Utf8Parser.TryParse(text, out uint identifier, out int used)) identifiers.Add(identifier);
            text = text[Math.Max(used, 1)..];
        }
        return identifiers.Count > 0 ? [.. identifiers] : null;
    }
}
