"""The command behind compare.sh: measures, prints tables, writes them into the documentation."""
import argparse
import contextlib
import datetime
import json
import pathlib

from . import document, guard, plots, tables
from .load import measure
from .peers import DEFAULT, Peers
from .results import Results, describe_machine
from .scenarios import TABLE, Scenario
from .tools import OUT, ROOT, Failure, note, prepare

SECTIONS = {"times-floor": tables.times_floor, "qos2": tables.qos2, "rates": tables.rates, "latencies": tables.latencies,
            "connections": tables.connections}


def main(arguments):
    options = _options(arguments)
    if options.list:
        print("\n".join(TABLE))
        return 0
    if options.from_file:
        return _show(options.from_file, options)
    prepare()
    if options.quick:
        return guard.main(options.commit_figures)
    path = pathlib.Path(options.results or OUT / f"results-{datetime.datetime.now():%Y%m%d-%H%M%S}.jsonl")
    scenarios = [Scenario.parse(name) for name in options.scenarios.split(",")]
    with Peers(options.peers.split(","), note) as peers:
        _measure(scenarios, peers, options.runs, options.seconds, path)
    note(f"raw results: {path.resolve().relative_to(ROOT) if path.resolve().is_relative_to(ROOT) else path}")
    return _show(path, options)


def _options(arguments):
    parser = argparse.ArgumentParser(prog="bench/compare.sh", description="Compares brokers on this machine, interleaved. See bench/README.md.")
    parser.add_argument("--scenarios", default=",".join(TABLE), metavar="LIST", help="comma-separated names (default: all of --list)")
    parser.add_argument("--peers", default=DEFAULT, metavar="LIST", help=f"comma-separated (default: {DEFAULT}); godwit-N has N event loops")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs for each scenario and peer (default 3)")
    parser.add_argument("--seconds", type=float, default=1.0, metavar="S", help="length of a run (default 1)")
    parser.add_argument("--results", metavar="FILE", help="append to this file, and show all that is in it")
    parser.add_argument("--from", dest="from_file", metavar="FILE", help="measure nothing, show what is in this file")
    parser.add_argument("--write", action="store_true", help="write the tables and plots of docs/performance.md")
    parser.add_argument("--list", action="store_true", help="print the names of all scenarios")
    parser.add_argument("--quick", action="store_true", help="fail if CPU per delivery has grown by more than 40 %% against bench/guard.tsv")
    parser.add_argument("--commit-figures", action="store_true", help="with --quick: make what is measured the figures to compare with")
    return parser.parse_args(arguments)


def _measure(scenarios, peers, runs, seconds, path):
    """Every scenario at all peers in turn, so that a disturbance hits all of them alike."""
    warmup = 0.4
    jobs = runs * sum(scenario.can_run(peer) for scenario in scenarios for peer in peers)
    note(f"{jobs} runs, about {jobs * (seconds + warmup + 0.2) / 60 + 0.2:.0f} minutes")
    known = _runs_in(path)
    with open(path, "a", encoding="utf-8") as results:
        print(json.dumps(describe_machine(peers)), file=results)
        for scenario in scenarios:
            for run in range(runs):
                note(f"{scenario.name}, run {run + 1} of {runs}")
                # Each peer follows another one in each run.
                for peer in peers[run % len(peers):] + peers[:run % len(peers)]:
                    if not scenario.can_run(peer):
                        continue
                    if scenario.name == "idle":
                        peer.stop()  # memory for a connection shows in a process that has not had connections before
                    try:
                        if not peer.is_running:
                            peer.start()
                        figures = measure(peer, scenario.arguments(seconds, warmup))
                    except Failure as failure:
                        note(f"{scenario.name}: {failure}")
                        peer.stop()
                        continue
                    print(json.dumps({"peer": peer.name, "name": scenario.name, "run": known.get(scenario.name, 0) + run + 1} | figures), file=results, flush=True)


def _runs_in(path):
    """The highest number of a run of each scenario that the file has already."""
    runs = {}
    with contextlib.suppress(FileNotFoundError), open(path, encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if "run" in row:
                runs[row["name"]] = max(row["run"], runs.get(row["name"], 0))
    return runs


def _show(path, options):
    results = Results(path)
    shown = {name: table(results) for name, table in SECTIONS.items()}
    for table in shown.values():
        if table[1]:
            print(tables.as_text(table), end="\n\n")
    print("* the generator was the limit: a lower bound\n" + tables.verdict(results))
    if options.write:
        for name, table in shown.items():
            document.write_section(name, tables.as_markdown(table))
        document.write_section("machine", f"Measured on {results.date}: {results.machine}. {tables.verdict(results)}")
        document.write_file("figures.tsv", tables.as_tsv(tables.figures(results)))
        document.write_file("times-floor.svg", plots.times_floor(results))
        document.write_file("share-of-mosquitto.svg", plots.share_of_mosquitto(results))
        note("wrote docs/performance.md, its figures and plots")
    return 0
