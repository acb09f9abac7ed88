// Says what a file is that is no capture. Users hand in logs, hex dumps, archives and other analysers' formats: the answer is worth more than
// "unknown format".
using System.Text;

namespace Godwit.Capture.Files;

internal static class ForeignFile
{
    // First bytes, what they mean, and what to do.
    private static readonly (byte[] Start, string What)[] Known =
    [
        ([0x28, 0xb5, 0x2f, 0xfd], "compressed with zstd. Decompress it first: zstd -dc FILE | godwit capture -"),
        ([0x04, 0x22, 0x4d, 0x18], "compressed with lz4. Decompress it first: lz4 -dc FILE | godwit capture -"),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "compressed with xz. Decompress it first: xz -dc FILE | godwit capture -"),
        ([0x42, 0x5a, 0x68], "compressed with bzip2. Decompress it first: bzip2 -dc FILE | godwit capture -"),
        ([0x50, 0x4b, 0x03, 0x04], "a ZIP archive. Unpack it first"),
        ([0x37, 0x7a, 0xbc, 0xaf], "a 7z archive. Unpack it first"),
        ("snoop\0"u8.ToArray(), "a capture of snoop. Convert it: editcap FILE NEW.pcapng"),
        ("GMBU"u8.ToArray(), "a capture of Microsoft Network Monitor. Convert it: editcap FILE NEW.pcapng"),
        ("RTSS"u8.ToArray(), "a capture of Microsoft Network Monitor 1. Convert it: editcap FILE NEW.pcapng"),
        ([0x30, 0x01, 0x02, 0x03], "a log of netsh trace (ETL). Convert it with etl2pcapng"),
        ("TRSNIFF data"u8.ToArray(), "a capture of Sniffer. Convert it: editcap FILE NEW.pcapng"),
        ("XCP\0"u8.ToArray(), "a capture of NetXRay. Convert it: editcap FILE NEW.pcapng"),
        ("SQLite format 3\0"u8.ToArray(), "an SQLite database"),
        ("\u007fELF"u8.ToArray(), "a program"),
        ("MZ"u8.ToArray(), "a program for Windows"),
        ("%PDF"u8.ToArray(), "a PDF document"),
        ([0x89, 0x50, 0x4e, 0x47], "a picture (PNG)"),
    ];

    /// <summary>The error for a file whose first bytes are in the window.</summary>
    public static CaptureFormatException Describe(InputWindow window, bool compressed)
    {
        ReadOnlySpan<byte> start = window.Peek(512);
        string inside = compressed ? "What is inside this gzip file" : "This file";
        if (window.IsDamaged) return new CaptureFormatException("This gzip file is damaged from its beginning on.");
        if (start.IsEmpty) return new CaptureFormatException($"{inside} is empty.");
        foreach ((byte[] known, string what) in Known)
            if (start.StartsWith(known)) return new CaptureFormatException($"{inside} is no capture but {what}.");
        return new CaptureFormatException(
            $"{inside} is neither pcap nor pcapng; {(TextOf(start) is { } text ? OfText(text) : $"it begins with {Convert.ToHexString(start[..Math.Min(8, start.Length)])}")}.");
    }

    private static string OfText(string text)
    {
        string first = text.TrimStart().Split('\n')[0].TrimEnd();
        string shown = first.Length > 40 ? $"{first[..40]}..." : first;
        string what = first switch
        {
            ['<', ..] => "it is XML or HTML",
            ['{' or '[', ..] => "it is JSON",
            _ when IsHexDump(first) => "it is a hex dump as text, which text2pcap makes a capture of",
            _ => "it is text",
        };
        return $"{what}: \"{shown}\"";
    }

    /// <summary>An offset and at least four bytes in hexadecimal: <c>0000  10 17 00 04 4d</c>.</summary>
    private static bool IsHexDump(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 5 && words[..5].All(word => word.TrimEnd(':').All(char.IsAsciiHexDigit)) && words[1..5].All(word => word.Length is 2 or 4);
    }

    private static string? TextOf(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r')) return null;
        // The last character may be cut in two.
        string text = Encoding.UTF8.GetString(bytes);
        return text.AsSpan(0, Math.Max(0, text.Length - 4)).Contains('\ufffd') ? null : text;
    }
}
