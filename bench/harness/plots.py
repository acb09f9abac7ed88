"""Plots as SVG, drawn from results. They bring their own background, light or dark as the reader's system asks for."""
import math
import statistics
from xml.sax.saxutils import escape

from .scenarios import Scenario

STYLE = """<style>
  .page { fill: #ffffff } text { fill: #24292f; font: 12px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif }
  .title { font-size: 15px; font-weight: 600 } .small { font-size: 11px; fill: #57606a } .end { text-anchor: end } .middle { text-anchor: middle }
  .grid { stroke: #d0d7de } .mark { stroke: #24292f; stroke-width: 1.5 } .range { stroke: #57606a; stroke-width: 1.5 }
  .line { fill: none; stroke: #0969da; stroke-width: 1.5 }
  .c0 { fill: #0969da } .c1 { fill: #54aeff } .c2 { fill: #bf8700 } .c3 { fill: #8250df }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #e6edf3 } .small { fill: #9198a1 }
    .grid { stroke: #30363d } .mark { stroke: #e6edf3 } .range { stroke: #9198a1 }
    .line { stroke: #388bfd } .c0 { fill: #388bfd } .c1 { fill: #a5d6ff } .c2 { fill: #d29922 } .c3 { fill: #a371f7 }
  }
</style>"""
WIDTH, LEFT, RIGHT, TOP, BAR, GAP = 860, 130, 120, 62, 11, 9


def times_floor(results):
    """Godwit's CPU per delivery as a multiple of the floor: bars are medians, lines their range."""
    rows = _bars(results, lambda name, peer: results.ratios(name, peer, "floor"))
    return _bar_chart("CPU for a delivery, as a multiple of the floor", "1 is what the kernel and a bare relay in C need; shorter is better. "
                      "Lines: lowest and highest run", rows, "{:.2f}", mark=1, most=3)


def share_of_mosquitto(results):
    """Godwit's CPU per delivery in percent of mosquitto's."""
    rows = _bars(results, lambda name, peer: [100 * ratio for ratio in results.ratios(name, peer, "mosquitto")])
    return _bar_chart("CPU for a delivery, in percent of mosquitto's", "100 is mosquitto; shorter is better. Lines: lowest and highest run",
                      rows, "{:.0f} %", mark=100, most=160)


def latency(title, subtitle, rows):
    """Percentiles on a logarithmic axis: rows of (label, [(peer, p50, p99, p999)]), in microseconds."""
    values = [value for _, peers in rows for _, *percentiles in peers for value in percentiles if value]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    left = LEFT + 150
    peers = list(dict.fromkeys(peer for _, entries in rows for peer, *_ in entries))
    height = TOP + sum(len(entries) * (BAR + 4) + GAP for _, entries in rows) + 34

    def x(value):
        return left + (math.log10(value) - low) / (high - low) * (WIDTH - left - RIGHT)

    parts = [*_page(height, title, subtitle), *_legend(peers)]
    for power in range(low, high + 1):
        label = f"{10 ** power / 1000:g} ms" if power >= 3 else f"{10 ** power:g} us"
        parts += _grid_line(x(10 ** power), height, label)
    y = TOP
    for label, entries in rows:
        parts.append(f'<text class="end" x="{left - 10}" y="{y + len(entries) * (BAR + 4) / 2 + 3:.1f}">{escape(label)}</text>')
        for peer, *percentiles in entries:
            color, middle = f"c{_color(peer, peers)}", y + BAR / 2
            parts.append(f'<line class="range" x1="{x(percentiles[0]):.1f}" x2="{x(percentiles[-1]):.1f}" y1="{middle}" y2="{middle}"/>')
            for radius, value in zip((3, 5, 3), percentiles):
                parts.append(f'<circle class="{color}" cx="{x(value):.1f}" cy="{middle}" r="{radius}"/>')
            parts.append(f'<text class="small" x="{x(percentiles[-1]) + 8:.1f}" y="{middle + 4}">{percentiles[1]:,.0f} us</text>')
            y += BAR + 4
        y += GAP
    return _finish(parts)


def resident(title, subtitle, budget, panels):
    """A small plot for each (label, [(seconds, bytes, ...)]): what a process took over time, below its budget."""
    columns, wide, high = 3, (WIDTH - 32) / 3, 150
    height = TOP + 10 + math.ceil(len(panels) / columns) * (high + 34)
    parts = _page(height, title, subtitle)
    for i, (label, samples) in enumerate(panels):
        left, top = 16 + i % columns * wide + 34, TOP + 10 + i // columns * (high + 34)
        most, last = budget * 1.3, max(seconds for seconds, *_ in samples)

        def x(seconds, left=left, last=last):
            return left + seconds / last * (wide - 50)

        def y(size, top=top, most=most):
            return top + high - min(size / most, 1) * high

        parts.append(f'<text class="small" x="{left}" y="{top - 6}">{escape(label)}</text>')
        for size in (0, budget // 2, budget):
            parts.append(f'<line class="{"mark" if size == budget else "grid"}" x1="{left}" x2="{x(last):.1f}" y1="{y(size):.1f}" y2="{y(size):.1f}"/>')
            parts.append(f'<text class="small end" x="{left - 6}" y="{y(size) + 4:.1f}">{size / 2 ** 20:.0f}</text>')
        parts.append(f'<line class="range" stroke-dasharray="4 4" x1="{left}" x2="{x(last):.1f}" y1="{y(budget * 1.15):.1f}" y2="{y(budget * 1.15):.1f}"/>')
        points = " ".join(f"{x(seconds):.1f},{y(size):.1f}" for seconds, size, *_ in samples[::max(1, len(samples) // 150)])
        parts.append(f'<polyline class="line" points="{points}"/>')
        parts.append(f'<text class="small middle" x="{x(last):.1f}" y="{top + high + 14}">{last:.0f} s</text>')
    return _finish(parts)


def _bars(results, values_of):
    own = [peer for peer in results.peers() if peer.startswith("godwit")]
    rows = []
    for name in results.scenarios:
        if not Scenario.parse(name).is_connection:
            entries = [(peer, values_of(name, peer)) for peer in own]
            rows.append((name, [(peer, values) for peer, values in entries if values]))
    return [row for row in rows if row[1]]


def _bar_chart(title, subtitle, rows, pattern, mark, most):
    """Horizontal bars with their range; what goes beyond `most` is cut off, and its figure stands at the edge."""
    peers = list(dict.fromkeys(peer for _, entries in rows for peer, _ in entries))
    top = min(most, max([mark, *(values[-1] for _, entries in rows for _, values in entries)])) * 1.02
    height = TOP + sum(len(entries) * BAR + GAP for _, entries in rows) + 30

    def x(value):
        return LEFT + min(value / top, 1) * (WIDTH - LEFT - RIGHT)

    parts = [*_page(height, title, subtitle), *_legend(peers)]
    step = next(step for step in (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, math.inf) if top / step <= 8)
    for i in range(int(top / step) + 1):
        parts += _grid_line(x(i * step), height, f"{i * step:g}")
    y = TOP
    for label, entries in rows:
        parts.append(f'<text class="end" x="{LEFT - 8}" y="{y + len(entries) * BAR / 2 + 4:.1f}">{escape(label)}</text>')
        for peer, values in entries:
            middle, median = y + BAR / 2, statistics.median(values)
            parts.append(f'<rect class="c{_color(peer, peers)}" x="{LEFT}" y="{y + 1}" width="{x(median) - LEFT:.1f}" height="{BAR - 2}"/>')
            parts.append(f'<line class="range" x1="{x(values[0]):.1f}" x2="{x(values[-1]):.1f}" y1="{middle}" y2="{middle}"/>')
            parts.append(f'<text class="small" x="{x(values[-1]) + 6:.1f}" y="{middle + 4}">{pattern.format(median)}</text>')
            y += BAR
        y += GAP
    parts.append(f'<line class="mark" x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="{TOP - 4}" y2="{height - 26}"/>')
    return _finish(parts)


def _page(height, title, subtitle):
    return [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
            f'aria-label="{escape(title)}">', STYLE, f'<rect class="page" width="{WIDTH}" height="{height:.0f}"/>',
            f'<text class="title" x="16" y="24">{escape(title)}</text>', f'<text class="small" x="16" y="43">{escape(subtitle)}</text>']


def _legend(peers):
    parts, x = [], WIDTH - 16 - 100 * len(peers)
    for peer in peers:
        parts.append(f'<rect class="c{_color(peer, peers)}" x="{x}" y="14" width="11" height="11"/><text x="{x + 16}" y="24">{escape(peer)}</text>')
        x += 100
    return parts


def _grid_line(x, height, label):
    return [f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{height - 26:.0f}"/>',
            f'<text class="small middle" x="{x:.1f}" y="{height - 10:.0f}">{label}</text>']


def _color(peer, peers):
    """Godwit is blue in every plot, whoever else is in it."""
    own = [name for name in peers if name.startswith("godwit")]
    return own.index(peer) % 2 if peer in own else 2 + [name for name in peers if name not in own].index(peer) % 2


def _finish(parts):
    return "\n".join([*parts, "</svg>"]) + "\n"
