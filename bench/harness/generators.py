"""The command behind generators.sh: `godwit bench` and mqload in turn, with the same load against the same peer."""
import argparse
import json
import statistics
import subprocess

from . import load, tables
from .peers import Peer, godwit
from .tools import Failure, note, prepare

# mqload's names of the scenarios, and godwit's.
SCENARIOS = {"p2p": "p2p", "fanin": "fan-in", "fanout": "fan-out"}


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="bench/generators.sh", description="Compares `godwit bench` with mqload, 64-byte payloads, 16 under way. See bench/README.md.")
    parser.add_argument("--peers", default="floor,godwit-2", help="floor, mosquitto, godwit-N (default floor,godwit-2)")
    parser.add_argument("--scenarios", default=",".join(SCENARIOS), help="some of p2p,fanin,fanout (default all)")
    parser.add_argument("--runs", type=int, default=3, help="of each generator, in turn (default 3)")
    parser.add_argument("--seconds", type=float, default=2, help="length of a run, behind a warm-up of one second (default 2)")
    options = parser.parse_args(arguments)
    if unknown := set(options.scenarios.split(",")) - set(SCENARIOS):
        raise Failure(f"no such scenario: {', '.join(sorted(unknown))}")
    prepare()
    rows = []
    for name in options.peers.split(","):
        peer = Peer(name)
        if reason := peer.why_missing():
            raise Failure(f"{name}: {reason}")
        peer.start()
        try:
            for scenario in options.scenarios.split(","):
                rows += [_compare(peer, scenario, qos, options) for qos in (0, 1)]
        finally:
            peer.stop()
    print(tables.as_markdown((["against", "scenario", "mqload", "`godwit bench`", "share", "CPU of mqload", "CPU of `godwit bench`"], rows)))
    return 0


def _compare(peer, scenario, qos, options):
    pairs = [_pair(peer, scenario, qos, options, mqload_first=run % 2 == 0) for run in range(options.runs)]
    note(f"{peer.name} {scenario}-{qos}")
    shares = [bench[0] / mqload[0] for mqload, bench in pairs]
    rates, cpu = ([statistics.median(pair[generator][figure] for pair in pairs) for generator in (0, 1)] for figure in (0, 1))
    share = f"{statistics.median(shares):.2f} ({min(shares):.2f}-{max(shares):.2f})"
    return [peer.name, f"{SCENARIOS[scenario]} QoS {qos}", *(f"{rate / 1e3:,.0f}" for rate in rates), share, *(f"{each:.2f}" for each in cpu)]


def _pair(peer, scenario, qos, options, mqload_first):
    """Both generators right behind each other: the second one finds a peer that is warm, so they take turns at it."""
    if mqload_first:
        return _mqload(peer, scenario, qos, options), _bench(peer, scenario, qos, options)
    bench = _bench(peer, scenario, qos, options)
    return _mqload(peer, scenario, qos, options), bench


def _mqload(peer, scenario, qos, options):
    """Deliveries a second, and CPU microseconds of the generator for each."""
    figures = load.measure(peer, ["--scenario", scenario, "--qos", str(qos), "--seconds", str(options.seconds), "--warmup-seconds", "1"])
    return figures["msgs_per_s"], figures["gen_cpu_us_per_msg"]


def _bench(peer, scenario, qos, options):
    command = [godwit(), "bench", SCENARIOS[scenario], "-h", "127.0.0.1", "-p", str(peer.port), "-q", str(qos),
               "--duration", str(options.seconds), "--warmup", "1", "--json", "--quiet"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if result.returncode:
        raise Failure(f"{' '.join(command)}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    figures = json.loads(result.stdout)
    return figures["messages"]["delivered_per_s"], figures["generator"]["cpu_us_per_delivery"]
