// A ladder for a terminal, a row a line: time, lines that hold exchanges together, life lines with the arrow between them, details.
//
//              sensor             broker
//     0.000000 ┌ │── CONNECT ──────►│ MQTT 3.1.1, keep alive 60 s, 25 B
//     0.000245 └ │◄── CONNACK ──────│ accepted, 4 B, after 245 us
using System.Text;
using Godwit.Capture.Findings;

namespace Godwit.Capture.Ladders;

/// <summary>How a ladder is written as text.</summary>
public sealed record LadderTextOptions
{
    /// <summary>Characters of a line. Default 100, at least 60.</summary>
    public int Width { get; init; } = 100;

    /// <summary>Whether only ASCII is used.</summary>
    public bool IsAscii { get; init; }

    /// <summary>Whether to colour for a terminal.</summary>
    public bool IsColoured { get; init; }
}

/// <summary>Writes ladders as text.</summary>
public static class LadderText
{
    // Inside of two life lines the longest packet type must have room, with its arrow.
    private const int LeastDistance = 17, MostDistance = 26, LeastDetails = 26, TimeWidth = 11;

    /// <summary>How many clients have room in a line, beside a broker.</summary>
    public static int MostClients(int width) => Math.Max(1, (width - TimeWidth - 6 - LeastDetails) / LeastDistance);

    /// <summary>Writes a ladder.</summary>
    public static string Write(Ladder ladder, LadderTextOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ladder);
        return new Writer(ladder, options ?? new LadderTextOptions()).Write();
    }

    private sealed class Writer
    {
        private readonly Ladder _ladder;
        private readonly LadderTextOptions _options;
        private readonly StringBuilder _text = new();
        private readonly int _width, _first, _distance, _details;

        public Writer(Ladder ladder, LadderTextOptions options)
        {
            (_ladder, _options) = (ladder, options);
            _width = Math.Max(60, options.Width);
            int count = Math.Max(2, ladder.Participants.Count);
            int laneWidth = ladder.Lanes == 0 ? 0 : ladder.Lanes + 1;
            _first = TimeWidth + laneWidth + 2;
            _distance = Math.Clamp((_width - _first - 2 - 44) / (count - 1), LeastDistance, MostDistance);
            _details = _first + (count - 1) * _distance + 2;
        }

        public string Write()
        {
            if (_ladder.Rows.Count == 0) return "";
            WriteHeading(participant => participant.Name);
            WriteHeading(participant => participant.Address);
            if (_ladder.PacketsBefore > 0) WriteWide($"... {_ladder.PacketsBefore:N0} packet{(_ladder.PacketsBefore == 1 ? "" : "s")} before this", "2");
            var open = new bool[_ladder.Lanes];
            for (int i = 0; i < _ladder.Rows.Count; i++)
            {
                LadderRow row = _ladder.Rows[i];
                if (row.GapBefore is { } gap) WriteGap(gap, open);
                WriteRow(row, i, open);
                foreach (LadderMark mark in row.Marks) WriteMark(mark);
            }
            if (_ladder.PacketsAfter > 0) WriteWide($"... {_ladder.PacketsAfter:N0} more", "2");
            return _text.ToString();
        }

        private int LineOf(int participant) => _first + participant * _distance;

        private char Glyph(char box) => !_options.IsAscii ? box : box switch
        {
            '│' or '┆' => '|', '─' => '-', '┄' => '.', '►' => '>', '◄' => '<', '┌' or '└' or '├' => '+', '×' => 'x', _ => '?',
        };

        private string Ascii(string text) => !_options.IsAscii ? text : string.Concat(text.EnumerateRunes().Select(rune => rune.IsAscii ? rune.ToString() : rune.Value == '…' ? "..." : $"\\u{rune.Value:X4}"));

        private string Coloured(string text, string colour) => _options.IsColoured && text.Length > 0 ? $"\e[{colour}m{text}\e[0m" : text;

        private void Line(string text) => _text.Append(text.TrimEnd()).Append('\n');

        private void WriteHeading(Func<LadderParticipant, string> words)
        {
            var line = new StringBuilder();
            for (int i = 0; i < _ladder.Participants.Count; i++)
            {
                string word = Cut(Ascii(words(_ladder.Participants[i])), _distance - 2);
                int start = Math.Max(LineOf(i) - word.Length / 2, line.Length + (i == 0 ? 0 : 1));
                line.Append(' ', start - line.Length).Append(word);
            }
            Line(Coloured(line.ToString(), "1"));
        }

        private void WriteGap(TimeSpan gap, bool[] open)
        {
            string text = $"... {LadderTimes.Text(gap)} ...";
            Line(new string(' ', TimeWidth) + Lanes(open, -1, null) + Coloured(LifeLines(text), "2"));
        }

        // Life lines only; with a text in the middle.
        private string LifeLines(string text)
        {
            char[] line = new char[_details - _first];
            Array.Fill(line, ' ');
            for (int i = 0; i < _ladder.Participants.Count; i++) line[LineOf(i) - _first] = Glyph('┆');
            int start = (LineOf(1) - _first - text.Length) / 2 + 1;
            text.CopyTo(0, line, Math.Max(1, start), Math.Min(text.Length, line.Length - 2));
            return new string(line);
        }

        private void WriteRow(LadderRow row, int index, bool[] open)
        {
            string time = _ladder.TimeOf(row.At).PadLeft(TimeWidth - 1) + " ";
            string arrow = Arrow(row);
            string details = row.Response is { } response ? $"{row.Details}, after {LadderTimes.Text(response)}" : row.Details;
            List<string> lines = Wrap(Ascii(details), _width - _details);
            bool isFaint = row.Kind is LadderRowKind.Segment;
            string colour = row.Kind switch { LadderRowKind.Segment => "2", LadderRowKind.Reset => "31", _ => row.Flow is { } flow ? (31 + 1 + flow.Number % 5).ToString() : "0" };
            Line(Coloured(time, "2") + Lanes(open, index, row.Flow) + Coloured(arrow, colour) + Coloured(lines[0], isFaint ? "2" : "0"));
            foreach (string more in lines.Skip(1))
                Line(new string(' ', TimeWidth) + Lanes(open, -1, null) + LifeLines("") + Coloured(more, isFaint ? "2" : "0"));
        }

        // The lines that hold exchanges together: begun, passing by, at one of theirs, ended.
        private string Lanes(bool[] open, int index, LadderFlow? flow)
        {
            if (open.Length == 0) return "  ";
            char[] lanes = [.. open.Select(isOpen => isOpen ? Glyph('│') : ' ')];
            if (flow is { Lane: >= 0 } && index >= 0)
            {
                lanes[flow.Lane] = Glyph(index == flow.FirstRow ? '┌' : index == flow.LastRow ? '└' : '├');
                open[flow.Lane] = index != flow.LastRow;
            }
            return new string(lanes).PadRight(open.Length + 3);
        }

        private string Arrow(LadderRow row)
        {
            char[] line = LifeLines("").Replace(Glyph('┆'), Glyph('│')).ToCharArray();
            int left = Math.Min(LineOf(row.From), LineOf(row.To)) - _first + 1, right = Math.Max(LineOf(row.From), LineOf(row.To)) - _first;
            bool isRight = row.To > row.From;
            char stroke = Glyph(row.Kind is LadderRowKind.Segment or LadderRowKind.Closed ? '┄' : '─');
            Array.Fill(line, stroke, left, right - left);
            char head = Glyph(row.Kind is LadderRowKind.Reset or LadderRowKind.Closed ? '×' : isRight ? '►' : '◄');
            line[isRight ? right - 1 : left] = head;
            if (row.Kind == LadderRowKind.Pings) (line[left], line[right - 1]) = (Glyph('◄'), Glyph('►'));
            string label = $" {row.Title} ";
            int start = left + (right - left - label.Length) / 2;
            // A long type keeps its arrow head.
            if (isRight) start = Math.Min(start, right - 1 - label.Length);
            label.CopyTo(0, line, Math.Max(left, start), Math.Min(label.Length, right - Math.Max(left, start)));
            return new string(line);
        }

        private void WriteMark(LadderMark mark)
        {
            (string name, string colour) = mark.Severity switch { Severity.Error => ("error", "31"), Severity.Warning => ("warning", "33"), _ => ("note", "36") };
            WriteWide($"{(mark.Severity == Severity.Note ? "" : "! ")}{name}: {mark.Text}", colour);
        }

        private void WriteWide(string text, string colour)
        {
            int indent = TimeWidth + (_ladder.Lanes == 0 ? 2 : _ladder.Lanes + 3);
            foreach (string line in Wrap(Ascii(text), _width - indent)) Line(new string(' ', indent) + Coloured(line, colour));
        }

        private static string Cut(string text, int most) => text.Length <= most ? text : $"{text[..(most - 2)]}..";

        private static List<string> Wrap(string text, int width)
        {
            var lines = new List<string>();
            string rest = text;
            while (rest.Length > width)
            {
                int end = rest.LastIndexOf(' ', width, width), before = end <= 1 ? -1 : rest.LastIndexOf(' ', end - 1, end - 1);
                // A unit stays with its number: 47 B, 12 ms.
                int next = end <= 0 ? -1 : (rest + ' ').IndexOfAny([' ', ','], end + 1);
                if (before > 0 && next - end <= 3) end = before;
                if (end <= 0) end = width;
                lines.Add(rest[..end].TrimEnd());
                rest = rest[end..].TrimStart();
            }
            lines.Add(rest);
            return lines;
        }
    }
}
