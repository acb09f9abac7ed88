"""The command behind durability.sh: messages for sessions that are kept, to subscribers that are there and to some that are not, and a restart."""
import argparse
import socket
import statistics
import time

from . import document, load, tables
from .peers import Peer
from .tools import Failure, note, prepare

PEERS = "godwit-{0},godwit-{0}-memory,godwit-{0}-os,godwit-{0}-fsync,mosquitto-persistent"
ONLINE = ["--scenario", "p2p", "--qos", "1", "--persistent", "--window", "64"]
OFFLINE = ["--scenario", "p2p", "--qos", "1", "--offline", "--window", "256", "--payload", "200"]
ROUNDS, PAIRS, EACH = 12, 9000, 10  # of the restart: 108,000 sessions, 1,080,000 messages


def main(arguments):
    parser = argparse.ArgumentParser(prog="bench/durability.sh", description="Measures brokers that store what they acknowledge. See bench/README.md.")
    parser.add_argument("--loops", type=int, default=1, help="event loops of Godwit (default 1)")
    parser.add_argument("--runs", type=int, default=3, help="of each, in turn, each on a store of its own (default 3)")
    parser.add_argument("--messages", type=int, default=400_000, help="of a run, a quarter of them for mosquitto (default 400000)")
    parser.add_argument("--no-restart", action="store_true", help="leaves out the restart with a million messages")
    parser.add_argument("--write", action="store_true", help="writes the tables into docs/performance.md")
    options = parser.parse_args(arguments)
    prepare()
    peers = []
    for peer in map(Peer, PEERS.format(options.loops).split(",")):
        if reason := peer.why_missing():
            note(f"{peer.name} is left out: {reason}")
        else:
            peers.append(peer)
    results = {}
    for run in range(options.runs):
        for peer in peers:
            for name, shape in (("online", ONLINE), ("offline", OFFLINE)):
                note(f"run {run + 1}: {name} {peer.name}")
                results.setdefault((name, peer.name), []).append(_measure(peer, shape, options.messages))
    output = [("durability", _table(results, peers))]
    if not options.no_restart:
        output.append(("restart", _restart(Peer(f"godwit-{options.loops}-fsync"))))
    for section, table in output:
        print(tables.as_text(table), end="\n\n")
        if options.write:
            document.write_section(section, tables.as_markdown(table))
    return 0


def _measure(peer, shape, messages):
    count = messages // 4 if peer.name.startswith("mosquitto") else messages
    peer.start()
    try:
        return load.measure(peer, [*shape, "--messages", str(count), "--warmup", str(count // 4)])
    finally:
        peer.stop()


def _table(results, peers):
    rows = []
    for name in ("online", "offline"):
        for peer in peers:
            runs = results[name, peer.name]
            reference = results[name, next(p.name for p in peers if p.name.endswith("-memory"))]
            cpu = statistics.median(run["broker_cpu_us_per_msg"] for run in runs)
            ratios = sorted(run["broker_cpu_us_per_msg"] / base["broker_cpu_us_per_msg"] for run, base in zip(runs, reference))
            p99 = statistics.median(run["p99_us"] for run in runs)
            rows.append([f"{name}: {peer.name}", f"{cpu:.2f}", tables.spread(ratios), f"{statistics.median(run['msgs_per_s'] for run in runs):,.0f}",
                         f"{p99 / 1000:.1f}" if name == "online" else "-", f"{max(run['rss_mb'] for run in runs):.0f}", str(max(run["lost"] for run in runs))])
    return ["subscribers: broker", "CPU us", "x memory", "messages/s", "p99 ms", "MB", "lost"], rows


def _restart(peer):
    """A store with a million messages for a hundred thousand sessions; how long until a client is served?"""
    peer.start()
    try:
        for each in range(ROUNDS):
            note(f"filling the store: {each + 1} of {ROUNDS}")
            load.measure(peer, ["--scenario", "p2p", "--qos", "1", "--offline", "--payload", "200", "--pairs", str(PAIRS), "--messages", str(PAIRS * EACH)])
        peer.kill()
        started = time.monotonic()
        peer.start(keep=True)
        _connect(peer.port)
        seconds = time.monotonic() - started
        resident = peer.resident_mb()
    finally:
        peer.stop()
    note(f"served after {seconds:.2f} s")
    return ["restart after kill -9", "value"], [
        ["sessions", f"{ROUNDS * PAIRS:,}"], ["messages that wait", f"{ROUNDS * PAIRS * EACH:,}"],
        ["from the start of the process to CONNACK", f"{seconds:.2f} s"], ["memory then", f"{resident:.0f} MB"],
    ]


def _connect(port):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(bytes.fromhex("100d00044d5154540402003c000178"))
        if client.recv(4)[:1] != b"\x20":
            raise Failure("no CONNACK after the restart")
