// Dumps: an offset, bytes, and often a column of characters in each line. The characters may look like digits ("be", "2024"), so it is the
// gap in front of them that tells, and the offsets check what was read:
//
//   xxd           00000000: 1017 0004 4d51 5454 0402 003c 000b 7079  ....MQTT...<..py
//   hexdump -C    00000000  10 17 00 04 4d 51 54 54  04 02 00 3c 00 0b 70 79  |....MQTT...<..py|
//   Wireshark     0000   10 17 00 04 4d 51 54 54 04 02 00 3c 00 0b 70 79   ....MQTT...<..py
//   tcpdump -X    	0x0000:  4500 004d 0001 0000 4006 0000 7f00 0001  E..M....@.......
//   od -A x -tx1z 000000 10 17 00 04 4d 51 54 54 04 02 00 3c 00 0b 70 79  >....MQTT...<..py<
using System.Globalization;

namespace Godwit.Capture.Dumps;

internal static class HexDump
{
    /// <summary>Whether the first line that has anything begins with an offset: zeros, or digits with a colon behind.</summary>
    public static bool IsDump(string text)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.IsWhiteSpace()) continue;
            if (TryOffset(line, out ReadOnlySpan<char> digits, out int end, out bool hasColon))
                return hasColon || (!digits.ContainsAnyExcept('0') && end < line.Length);
        }
        return false;
    }

    /// <summary>Reads the dump's bytes.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static HexTextError? Read(string text, List<byte> output)
    {
        int start = 0, number = 0, lastCount = 0;
        long? first = null;
        bool isRepeated = false;
        for (int next; start < text.Length; start = next)
        {
            int lineEnd = text.IndexOf('\n', start);
            next = lineEnd < 0 ? text.Length : lineEnd + 1;
            ReadOnlySpan<char> line = text.AsSpan(start, next - start).TrimEnd();
            number++;
            if (line.IsWhiteSpace()) continue;
            if (line.Trim() is "*") // hexdump: the line before, until the next offset
            {
                isRepeated = true;
                continue;
            }
            if (!TryOffset(line, out ReadOnlySpan<char> digits, out int end, out _))
            {
                if (first is null) continue; // a heading, such as tcpdump's line for the frame
                int column = line.Length - line.TrimStart().Length;
                // A new frame of a longer output: what came first is what was meant.
                return output.Count > 0 ? null : new HexTextError(number, column + 1, $"{HexText.Quote(text, start + column)} is no line of a dump");
            }
            long offset = long.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (first is null) first = offset;
            else if (offset == 0 && output.Count > 0) return null; // the next dump
            if (isRepeated) Repeat(output, lastCount, offset - first.Value);
            isRepeated = false;
            bool isOctal = offset - first.Value != output.Count && IsOctal(digits, output.Count);
            if (offset - first.Value != output.Count && !isOctal)
                return new HexTextError(number, 1, $"the offset is 0x{digits}, but {output.Count} bytes (0x{output.Count:X}) stand in front of it");
            lastCount = ReadLine(line[end..], output);
        }
        return null;
    }

    private static bool TryOffset(ReadOnlySpan<char> line, out ReadOnlySpan<char> digits, out int end, out bool hasColon)
    {
        end = 0;
        while (end < line.Length && char.IsWhiteSpace(line[end])) end++;
        int start = end;
        if (line[start..].StartsWith("0x")) start += 2;
        end = start;
        while (end < line.Length && char.IsAsciiHexDigit(line[end])) end++;
        digits = line[start..end];
        hasColon = end < line.Length && line[end] == ':' && (end + 1 == line.Length || char.IsWhiteSpace(line[end + 1]));
        bool isOffset = digits.Length is >= 4 and <= 16 && (hasColon || end == line.Length || char.IsWhiteSpace(line[end]));
        if (hasColon) end++;
        return isOffset;
    }

    // Groups of digits with one space between them; two in the middle of a line of 16.
    private static int ReadLine(ReadOnlySpan<char> line, List<byte> output)
    {
        int count = 0, i = 0;
        while (true)
        {
            int gap = i;
            while (i < line.Length && line[i] is ' ' or '\t') i++;
            int end = i;
            while (end < line.Length && char.IsAsciiHexDigit(line[end])) end++;
            int digits = end - i;
            bool isGroup = digits > 0 && digits % 2 == 0 && (end == line.Length || line[end] is ' ' or '\t');
            if (!isGroup || (count > 0 && i - gap > 1 && !(count == 8 && i - gap == 2 && digits == 2))) return count;
            output.AddRange(Convert.FromHexString(line[i..end]));
            count += digits / 2;
            i = end;
        }
    }

    private static void Repeat(List<byte> output, int lastCount, long upTo)
    {
        const int most = 1 << 24; // more zeros than anybody wants explained
        while (lastCount > 0 && output.Count < upTo && output.Count < most) output.Add(output[^lastCount]);
    }

    private static bool IsOctal(ReadOnlySpan<char> digits, int expected)
    {
        long value = 0;
        foreach (char c in digits)
        {
            if (c > '7') return false;
            value = value * 8 + (c - '0');
        }
        return value == expected;
    }
}
