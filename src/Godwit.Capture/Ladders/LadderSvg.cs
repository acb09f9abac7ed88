// A ladder as a picture: no script, no fonts from elsewhere, colours by CSS variables that follow the reader's light or dark theme. Coordinates are
// computed from the rows alone, so the same capture makes the same bytes.
using System.Text;
using Godwit.Capture.Findings;

namespace Godwit.Capture.Ladders;

/// <summary>How a ladder is drawn.</summary>
public sealed record LadderSvgOptions
{
    /// <summary>A heading; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>What a packet's number is put behind to make a link of its row, for example <c>#packet-</c>; null for no links.</summary>
    public string? PacketLink { get; init; }

    /// <summary>Whether colours and styles are part of the picture, as a file of its own needs. Default true.</summary>
    public bool HasStyle { get; init; } = true;
}

/// <summary>Writes ladders as SVG.</summary>
public static class LadderSvg
{
    /// <summary>How the parts are drawn; for pages that contain pictures without a style of their own.</summary>
    public const string Style = """
        .ladder { --paper: #ffffff; --ink: #1c2024; --dim: #5d656d; --rule: #c9ced3; --box: #f2f4f5; --f0: #0b66c3; --f1: #b45309; --f2: #00795a; --f3: #7b4bb8; --f4: #a8326e; --bad: #b3261e; --warn: #8a6100; --note: #4a6572; --badbox: #fdecea; --warnbox: #fdf5df; --notebox: #eef3f5;
          font: 13px/1.3 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
        @media (prefers-color-scheme: dark) {
          .ladder { --paper: #14171a; --ink: #e6e8ea; --dim: #9aa3ab; --rule: #434b53; --box: #22282d; --f0: #62aef7; --f1: #f0994f; --f2: #4fc3a0; --f3: #b79cf0; --f4: #f08bb9; --bad: #ff8a80; --warn: #e2b93b; --note: #9fb8c4; --badbox: #3a2020; --warnbox: #352d14; --notebox: #20292e; }
        }
        .ladder .paper { fill: var(--paper); }
        .ladder text { fill: var(--ink); }
        .ladder .heading { font-size: 16px; font-weight: 600; }
        .ladder .name { font-weight: 600; text-anchor: middle; }
        .ladder .dim, .ladder .time { fill: var(--dim); font-size: 12px; }
        .ladder .address { fill: var(--dim); font-size: 11px; text-anchor: middle; }
        .ladder text.dim { paint-order: stroke; stroke: var(--paper); stroke-width: 6px; }
        .ladder .time { text-anchor: end; font-variant-numeric: tabular-nums; }
        .ladder .box { fill: var(--box); stroke: var(--rule); }
        .ladder .life { stroke: var(--rule); stroke-width: 1.5; }
        .ladder .skip { stroke: var(--paper); stroke-width: 4; stroke-dasharray: 4 4; }
        .ladder .label { text-anchor: middle; }
        .ladder .type { font-weight: 600; }
        .ladder .row { --flow: var(--dim); }
        .ladder .row path { stroke: var(--flow); stroke-width: 1.6; fill: none; }
        .ladder .row .head { fill: var(--flow); stroke: none; }
        .ladder .row .type { fill: var(--flow); }
        .ladder .plain .type { fill: var(--ink); }
        .ladder .segment path { stroke-dasharray: 3 3; stroke-width: 1.1; }
        .ladder .segment text { fill: var(--dim); font-size: 12px; }
        .ladder .reset { --flow: var(--bad); }
        .ladder .bar { opacity: .55; }
        .ladder .c0 { --flow: var(--f0); } .ladder .c1 { --flow: var(--f1); } .ladder .c2 { --flow: var(--f2); } .ladder .c3 { --flow: var(--f3); } .ladder .c4 { --flow: var(--f4); }
        .ladder rect.bar { fill: var(--flow); }
        .ladder .error { fill: var(--badbox); stroke: var(--bad); } .ladder .warning { fill: var(--warnbox); stroke: var(--warn); } .ladder .note { fill: var(--notebox); stroke: var(--note); }
        .ladder text.error-text { fill: var(--bad); stroke: none; } .ladder text.warning-text { fill: var(--warn); } .ladder text.note-text { fill: var(--note); }
        .ladder .severity { font-weight: 600; }
        .ladder a:hover .type, .ladder a:focus .type { text-decoration: underline; }
        """;

    private const double TimeWidth = 92, RowHeight = 38, SegmentHeight = 28, GapHeight = 30, MarkHeight = 24, LaneWidth = 7, CharacterWidth = 6.7;

    /// <summary>Writes a ladder.</summary>
    public static string Write(Ladder ladder, LadderSvgOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ladder);
        return new Drawing(ladder, options ?? new LadderSvgOptions()).Write();
    }

    private sealed class Drawing(Ladder ladder, LadderSvgOptions options)
    {
        private readonly StringBuilder _marks = new(), _rows = new();
        private readonly double[] _rowY = new double[ladder.Rows.Count];
        private readonly List<(double From, double To)> _gaps = [];
        private readonly int _count = Math.Max(2, ladder.Participants.Count);

        private double Distance => _count switch { 2 => 560, 3 => 400, 4 => 330, _ => 290 };

        private double Side => Math.Max(80, ladder.Lanes * LaneWidth + 24);

        private double LineOf(int participant) => TimeWidth + Side + participant * Distance;

        private double Width => LineOf(_count - 1) + 104;

        public string Write()
        {
            double top = options.Title is null ? 14 : 46, first = top + 58, y = first;
            if (ladder.PacketsBefore > 0) y = Remark(y, $"… {ladder.PacketsBefore:N0} packet{(ladder.PacketsBefore == 1 ? "" : "s")} before this");
            for (int i = 0; i < ladder.Rows.Count; i++) y = DrawRow(ladder.Rows[i], i, y);
            if (ladder.PacketsAfter > 0) y = Remark(y, $"… {ladder.PacketsAfter:N0} more");
            double height = y + 16;

            var svg = new StringBuilder();
            string title = options.Title ?? "Sequence of the packets";
            svg.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ladder\" viewBox=\"0 0 {N(Width)} {N(height)}\" width=\"{N(Width)}\" height=\"{N(height)}\" role=\"img\" aria-label=\"{Markup.Escape(title)}\">\n");
            svg.Append($"<title>{Markup.Escape(title)}</title>\n");
            if (options.HasStyle) svg.Append("<style>\n").Append(Style).Append("\n</style>\n");
            svg.Append($"<rect class=\"paper\" width=\"{N(Width)}\" height=\"{N(height)}\"/>\n");
            if (options.Title is not null) svg.Append($"<text class=\"heading\" x=\"24\" y=\"30\">{Markup.Escape(title)}</text>\n");
            for (int i = 0; i < ladder.Participants.Count; i++)
            {
                svg.Append($"<line class=\"life\" x1=\"{N(LineOf(i))}\" x2=\"{N(LineOf(i))}\" y1=\"{N(top + 40)}\" y2=\"{N(height - 8)}\"/>\n");
                foreach ((double from, double to) in _gaps) svg.Append($"<line class=\"skip\" x1=\"{N(LineOf(i))}\" x2=\"{N(LineOf(i))}\" y1=\"{N(from)}\" y2=\"{N(to)}\"/>\n");
            }
            for (int i = 0; i < ladder.Participants.Count; i++) DrawHead(svg, ladder.Participants[i], LineOf(i), top);
            DrawBars(svg);
            return svg.Append(_rows).Append(_marks).Append("</svg>\n").ToString();
        }

        private static string N(double value) => Markup.Number(value);

        private static void DrawHead(StringBuilder svg, LadderParticipant participant, double x, double top)
        {
            const double width = 176;
            svg.Append($"<g><title>{Markup.Escape($"{participant.Name}, {participant.Address}")}</title><rect class=\"box\" x=\"{N(x - width / 2)}\" y=\"{N(top)}\" width=\"{N(width)}\" height=\"40\" rx=\"6\"/>");
            svg.Append($"<text class=\"name\" x=\"{N(x)}\" y=\"{N(top + 17)}\">{Markup.Escape(Cut(participant.Name, 18))}</text>");
            svg.Append($"<text class=\"address\" x=\"{N(x)}\" y=\"{N(top + 32)}\">{Markup.Escape(Cut(participant.Address, 26))}</text></g>\n");
        }

        private double Remark(double y, string text)
        {
            _rows.Append($"<text class=\"dim label\" x=\"{N((LineOf(0) + LineOf(_count - 1)) / 2)}\" y=\"{N(y + 18)}\">{Markup.Escape(text)}</text>\n");
            _gaps.Add((y + 4, y + GapHeight - 2));
            return y + GapHeight;
        }

        private double DrawRow(LadderRow row, int index, double y)
        {
            if (row.GapBefore is { } gap) y = Remark(y, $"{LadderTimes.Text(gap)} later");
            bool isSegment = row.Kind == LadderRowKind.Segment;
            double arrowY = y + (isSegment ? SegmentHeight : RowHeight) - 8, from = LineOf(row.From), to = LineOf(row.To);
            _rowY[index] = arrowY;
            string kind = row.Kind switch { LadderRowKind.Reset => "reset", LadderRowKind.Segment or LadderRowKind.Closed => "segment", _ => "plain" };
            string colour = row.Flow is { Lane: >= 0 } flow ? $"c{flow.Number % 5}" : kind;
            string response = row.Response is { } time ? $", after {LadderTimes.Text(time)}" : "";
            string details = row.Details + response;
            string about = $"{row.Title}{(details.Length == 0 ? "" : $": {details}")}{(row.Packet == 0 ? "" : $" (packet {row.Packet}, frame {row.At.Frame})")}";
            bool isLinked = options.PacketLink is not null && row.Packet != 0;
            if (isLinked) _rows.Append($"<a href=\"{Markup.Escape(options.PacketLink!)}{row.Packet}\">");
            _rows.Append($"<g class=\"row {colour}\"><title>{Markup.Escape(about)}</title>");
            _rows.Append($"<text class=\"time\" x=\"{TimeWidth - 8}\" y=\"{N(arrowY + 4)}\">{ladder.TimeOf(row.At)}</text>");
            int most = (int)((Math.Abs(to - from) - 24) / CharacterWidth) - row.Title.Length;
            string shown = Cut(details, Math.Max(8, most));
            _rows.Append($"<text class=\"label\" x=\"{N((from + to) / 2)}\" y=\"{N(arrowY - 6)}\"><tspan class=\"type\">{Markup.Escape(row.Title)}</tspan>{(shown.Length == 0 ? "" : $"  {Markup.Escape(shown)}")}</text>");
            DrawArrow(row, from, to, arrowY);
            _rows.Append(isLinked ? "</g></a>\n" : "</g>\n");
            y = arrowY + 8;
            foreach (LadderMark mark in row.Marks) y = DrawMark(mark, y);
            return y;
        }

        private void DrawArrow(LadderRow row, double from, double to, double y)
        {
            double sign = to > from ? 1 : -1;
            _rows.Append($"<path d=\"M{N(from + 2 * sign)} {N(y)}H{N(to - 7 * sign)}\"/>");
            if (row.Kind is LadderRowKind.Closed or LadderRowKind.Reset)
                _rows.Append($"<path d=\"M{N(to - 11 * sign)} {N(y - 4)}l8 8m0 -8l-8 8\" style=\"stroke-dasharray:none\"/>");
            else _rows.Append($"<path class=\"head\" d=\"M{N(to - 1 * sign)} {N(y)}l{N(-9 * sign)} -4.5v9z\"/>");
            if (row.Kind == LadderRowKind.Pings) _rows.Append($"<path class=\"head\" d=\"M{N(from + 1 * sign)} {N(y)}l{N(9 * sign)} -4.5v9z\"/>");
        }

        private double DrawMark(LadderMark mark, double y)
        {
            (string style, string name) = mark.Severity switch { Severity.Error => ("error", "✖ error"), Severity.Warning => ("warning", "▲ warning"), _ => ("note", "● note") };
            double x = TimeWidth + 8, width = Width - x - 16;
            string text = Cut(mark.Text, (int)((width - 90) / CharacterWidth));
            _marks.Append($"<g><title>{Markup.Escape(mark.Text)}</title><rect class=\"{style}\" x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"20\" rx=\"4\"/>");
            _marks.Append($"<text class=\"{style}-text\" x=\"{N(x + 8)}\" y=\"{N(y + 14.5)}\"><tspan class=\"severity\">{name}</tspan>  {Markup.Escape(text)}</text></g>\n");
            return y + MarkHeight;
        }

        // A bar beside the life line of who has begun, from an exchange's first packet to its last.
        private void DrawBars(StringBuilder svg)
        {
            foreach (LadderFlow flow in ladder.Rows.Select(row => row.Flow).OfType<LadderFlow>().Where(flow => flow.Lane >= 0).Distinct())
            {
                LadderRow first = ladder.Rows[flow.FirstRow];
                double outside = first.From < first.To ? -1 : 1;
                double x = LineOf(first.From) + outside * (5 + flow.Lane * LaneWidth) - 2;
                double top = _rowY[flow.FirstRow] - 5, bottom = _rowY[flow.LastRow] + 5;
                svg.Append($"<rect class=\"bar c{flow.Number % 5}\" x=\"{N(x)}\" y=\"{N(top)}\" width=\"4\" height=\"{N(bottom - top)}\" rx=\"2\"/>\n");
            }
        }

        private static string Cut(string text, int most) => text.Length <= most ? text : $"{text[..Math.Max(1, most - 1)]}…";
    }
}
