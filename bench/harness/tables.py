"""Tables of results: as text for the terminal, as Markdown for docs/performance.md."""
import statistics

from .scenarios import Scenario


def number(value, pattern="{:,.0f}"):
    return "-" if value is None else pattern.format(value)


def spread(values):
    """Median and range of quotients; a single one has no range."""
    if not values:
        return "-"
    middle = f"{statistics.median(values):.2f}"
    return middle if len(values) == 1 else f"{middle} ({values[0]:.2f}..{values[-1]:.2f})"


def times_floor(results):
    """CPU per delivery as a multiple of the floor, and as a share of mosquitto's."""
    peers = [peer for peer in results.peers() if peer != "floor"]
    own = _godwits(peers)
    header = ["scenario", "floor us", *peers, *(f"{peer} / mosquitto" for peer in own)]
    rows = []
    for name in _deliveries(results, lambda scenario: scenario.qos < 2):
        rows.append([name, number(results.median(name, "floor", "broker_cpu_us_per_msg"), "{:,.2f}"),
                     *(spread(results.ratios(name, peer, "floor")) for peer in peers), *_shares(results, name, own)])
    return header, rows


def qos2(results):
    """QoS 2, which the floor does not know: in microseconds, and as a multiple of Godwit's own QoS 1."""
    peers = [peer for peer in results.peers() if peer != "floor"]
    own = _godwits(peers)
    header = ["scenario", *(f"{peer} us" for peer in peers), *(f"{peer} / its QoS 1" for peer in own), *(f"{peer} / mosquitto" for peer in own)]
    rows = []
    for name in _deliveries(results, lambda scenario: scenario.qos == 2):
        rows.append([name, *(number(results.median(name, peer, "broker_cpu_us_per_msg"), "{:,.2f}") for peer in peers),
                     *(spread(results.ratios(name, peer, peer, name[:-1] + "1")) for peer in own), *_shares(results, name, own)])
    return header, rows


def rates(results):
    """Deliveries per second; a star where the generator was the limit."""
    peers = results.peers()
    rows = [[name, *(number(results.median(name, peer, "msgs_per_s")) + "*" * results.is_generator_bound(name, peer) for peer in peers)]
            for name in _deliveries(results, lambda scenario: scenario.shape != "paced")]
    return ["scenario", *peers], rows


def latencies(results):
    """Median and 99th percentile in microseconds where they mean something: when nothing waits in a full window."""
    peers = results.peers()
    rows = [[name, *(f"{number(results.median(name, peer, 'p50_us'))} / {number(results.median(name, peer, 'p99_us'))}" for peer in peers)]
            for name in _deliveries(results, lambda scenario: scenario.shape in ("single", "paced"))]
    return ["scenario", *(f"{peer} p50 / p99" for peer in peers)], rows


def connections(results):
    """What a connection costs, in CPU and memory."""
    rows = []
    for name in ("connect", "idle"):
        for peer in filter(lambda peer: results.rows(name, peer), results.peers()):
            rows.append([f"{name}: {peer}", number(results.median(name, peer, "broker_cpu_us_per_conn"), "{:,.1f}"),
                         spread(results.ratios(name, peer, "floor", field="broker_cpu_us_per_conn")),
                         number(results.median(name, peer, "conn_per_s")), number(results.median(name, peer, "rss_bytes_per_conn")),
                         number(results.median(name, peer, "rss_before_mb"), "{:,.1f}"), number(results.median(name, peer, "idle_cpu_pct"), "{:.1f}")])
    return ["scenario: peer", "CPU us", "x floor", "connections/s", "bytes/connection", "MB before", "idle CPU %"], rows


def figures(results):
    """Everything behind tables and plots, one line for each scenario and peer."""
    header = ["scenario", "peer", "runs", "cpu_us", "cpu_us_min", "cpu_us_max", "times_floor", "per_s", "p50_us", "p99_us"]
    rows = []
    for name, peers in results.scenarios.items():
        unit = "conn" if Scenario.parse(name).is_connection else "msg"
        for peer, runs in peers.items():
            cpu = sorted(run[f"broker_cpu_us_per_{unit}"] for run in runs)
            ratios = results.ratios(name, peer, "floor", field=f"broker_cpu_us_per_{unit}")
            rows.append([name, peer, str(len(runs)), f"{statistics.median(cpu):.3f}", f"{cpu[0]:.3f}", f"{cpu[-1]:.3f}",
                         f"{statistics.median(ratios):.3f}" if ratios else "-",
                         *(number(results.median(name, peer, field), "{:.0f}") for field in (f"{unit}{'s' * (unit == 'msg')}_per_s", "p50_us", "p99_us"))])
    return header, rows


def verdict(results):
    """One sentence about correctness."""
    wrong = results.errors()
    return "Not everything arrived as it should: " + "; ".join(wrong) + "." if wrong else "Nothing was lost, reordered or malformed in any run."


def as_markdown(table):
    header, rows = table
    lines = ["| " + " | ".join(header) + " |", "|---|" + "--:|" * (len(header) - 1), *("| " + " | ".join(row) + " |" for row in rows)]
    return "\n".join(lines)


def as_text(table):
    header, rows = table
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    return "\n".join("  ".join(cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
                     for row in [header, *rows])


def as_tsv(table):
    header, rows = table
    return "".join("\t".join(row) + "\n" for row in [header, *rows])


def _godwits(peers):
    return [peer for peer in peers if peer.startswith("godwit")]


def _deliveries(results, wanted):
    return [name for name in results.scenarios if not Scenario.parse(name).is_connection and wanted(Scenario.parse(name))]


def _shares(results, name, peers):
    shares = (results.ratios(name, peer, "mosquitto") for peer in peers)
    return [f"{statistics.median(share):.0%}".replace("%", " %") if share else "-" for share in shares]
