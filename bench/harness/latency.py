"""The command behind latency.sh: what a quiet pair of clients notices of others, and how long the garbage collector stops the broker."""
import argparse
import contextlib
import datetime
import json
import pathlib
import statistics
import subprocess
import time

from . import document, plots, tables
from .load import measure, parse
from .pair import probe, start_hostile, start_load
from .pauses import measure_pauses, show_pauses
from .peers import Peers
from .results import describe_machine
from .scenarios import Scenario
from .tools import OUT, Failure, note, prepare

# What else happens while the quiet pair is measured.
SITUATIONS = {
    "unloaded": "nothing else",
    "half-0": "half the maximum rate, QoS 0",
    "half-1": "half the maximum rate, QoS 1",
    "stalled": "a subscriber that stops reading",
    "trickle": "a subscriber that reads a byte a second",
    "flood": "a publisher that floods",
}
BURST = "16"  # messages that leave together under load, as many as in a full window of compare.sh
SETTLE = 1.0  # seconds from the beginning of a situation to the first message that counts


def main(arguments):
    options = _options(arguments)
    show = show_pauses if options.what == "gc" else _show
    if options.from_file:
        return show(options.from_file, options.write)
    prepare()
    path = pathlib.Path(options.results or OUT / f"latency-{datetime.datetime.now():%Y%m%d-%H%M%S}.jsonl")
    if options.what == "gc":
        measure_pauses(path, options.minutes, options.rate, options.qos)
    else:
        with Peers(options.peers.split(","), note) as peers, open(path, "a", encoding="utf-8") as results:
            print(json.dumps(describe_machine(peers)), file=results)
            _measure(peers, options, results)
    note(f"raw results: {path}")
    return show(path, options.write)


def _options(arguments):
    parser = argparse.ArgumentParser(prog="bench/latency.sh", description="Latency of a quiet pair of clients beside others. See bench/README.md.")
    parser.add_argument("what", nargs="?", choices=["pair", "gc"], default="pair",
                        help="pair: a quiet pair in all situations (default); gc: a long run at a fixed rate, with the collector's pauses")
    parser.add_argument("--peers", default="mosquitto,godwit-2", metavar="LIST", help="pair: comma-separated (default: mosquitto,godwit-2)")
    parser.add_argument("--situations", default=",".join(SITUATIONS), metavar="LIST", help=f"pair: of {', '.join(SITUATIONS)}")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="pair: rounds (default 3)")
    parser.add_argument("--seconds", type=float, default=5.0, metavar="S", help="pair: length of a measurement (default 5)")
    parser.add_argument("--minutes", type=float, default=10.0, metavar="N", help="gc: length of the run (default 10)")
    parser.add_argument("--rate", type=int, default=200_000, metavar="N", help="gc: messages a second (default 200000)")
    parser.add_argument("--qos", type=int, default=1, metavar="QOS", help="gc: their QoS (default 1)")
    parser.add_argument("--results", metavar="FILE", help="append to this file, and show all that is in it")
    parser.add_argument("--from", dest="from_file", metavar="FILE", help="measure nothing, show what is in this file")
    parser.add_argument("--write", action="store_true", help="write the tables and the plot of docs/performance.md")
    options = parser.parse_args(arguments)
    unknown = set(options.situations.split(",")) - set(SITUATIONS)
    if unknown:
        raise Failure(f"no such situation: {', '.join(unknown)}")
    return options


def _measure(peers, options, results):
    """Every situation at all peers in turn; the rates under load are half of what each peer has just shown that it can do."""
    rates = {}
    for round_number in range(options.rounds):
        for situation in options.situations.split(","):
            for peer in peers:
                # A fresh process: what a hostile client has left behind belongs to its situation alone.
                peer.start()
                try:
                    _warm_up(peer)
                    rate = _half_of_maximum(peer, situation[-1], rates) if situation.startswith("half") else 0
                    figures = _measure_pair(peer, situation, rate, options.seconds)
                finally:
                    peer.stop()
                note(f"round {round_number + 1}, {situation}, {peer.name}: p50 {figures['p50_us']:.0f}, p99 {figures['p99_us']:.0f}, "
                     f"p99.9 {figures['p999_us']:.0f} us, {figures['lost']} lost" + (f", beside {rate:,} a second" if rate else ""))
                print(json.dumps({"peer": peer.name, "situation": situation, "load": rate} | figures), file=results, flush=True)


def _warm_up(peer):
    for scenario in ("p2p-0", "p2p-1"):
        measure(peer, Scenario.parse(scenario).arguments(0.3, 0), 20)


def _half_of_maximum(peer, qos, rates):
    if (peer.name, qos) not in rates:
        rates[peer.name, qos] = int(measure(peer, Scenario.parse(f"p2p-{qos}").arguments(1.5, 0.5), 20)["msgs_per_s"] / 2)
    return rates[peer.name, qos]


def _measure_pair(peer, situation, rate, seconds):
    """Latency of the quiet pair while the situation lasts."""
    with contextlib.ExitStack() as others:
        load = None
        if rate:
            arguments = ["--scenario", "p2p", "--qos", situation[-1], "--rate", str(rate), "--batch", BURST, "--seconds", str(seconds + SETTLE + 1.5)]
            load = others.enter_context(start_load(peer, arguments))
        elif situation != "unloaded":
            others.enter_context(start_hostile(situation, peer))
        time.sleep(SETTLE)
        figures = probe(peer, seconds)
        if load:
            try:
                under_load = parse(load.communicate(timeout=30)[0]) or {}
            except subprocess.TimeoutExpired:
                under_load = {}  # what the load has not delivered by now says that it was too much
            figures["load_delivered_per_s"] = under_load.get("msgs_per_s", 0)
        return figures


def _show(path, write):
    groups = {}
    with open(path, encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if "situation" in row:
                groups.setdefault(row["situation"], {}).setdefault(row["peer"], []).append(row)
    if not groups:
        raise Failure(f"no results in {path}")
    medians = {situation: {peer: _medians(rows) for peer, rows in sorted(groups[situation].items(), key=lambda entry: entry[0] != "godwit-2")}
               for situation in SITUATIONS if situation in groups}
    table = _table(medians)
    print(tables.as_text(table))
    if write:
        document.write_section("latency", tables.as_markdown(table))
        plot = [(SITUATIONS[situation], [(peer, row["p50_us"], row["p99_us"], row["p999_us"]) for peer, row in peers.items()])
                for situation, peers in medians.items()]
        document.write_file("latency.svg", plots.latency("Latency of a quiet pair while others do this",
                                                         "p50, p99 (large, in figures) and p99.9; 200 messages a second; logarithmic", plot))
        note("wrote docs/performance.md and its plot")
    return 0


def _medians(rows):
    fields = ("p50_us", "p99_us", "p999_us", "max_us")
    return {field: statistics.median(row[field] for row in rows) for field in fields} | {
        "range": (min(row["p99_us"] for row in rows), max(row["p99_us"] for row in rows)),
        "lost": max(row["lost"] for row in rows), "load": statistics.median(row["load"] for row in rows)}


def _table(medians):
    header = ["while", "peer", "p50 us", "p99 us (range)", "p99.9 us", "p99 / unloaded", "lost"]
    rows = []
    for situation, peers in medians.items():
        for peer, row in peers.items():
            unloaded = medians.get("unloaded", {}).get(peer)
            label = SITUATIONS[situation] + (f", {row['load']:,.0f}/s" if row["load"] else "")
            rows.append([label, peer, f"{row['p50_us']:,.0f}", f"{row['p99_us']:,.0f} ({row['range'][0]:,.0f}..{row['range'][1]:,.0f})",
                         f"{row['p999_us']:,.0f}", f"{row['p99_us'] / unloaded['p99_us']:.2f}" if unloaded else "-", str(row["lost"])])
    return header, rows
