"""latency.sh gc: a long run at a fixed rate with coming and going clients; how long did the garbage collector stop the broker?"""
import json
import subprocess
import time

from . import document, tables
from .load import parse
from .pair import start_hostile, start_load, start_probe
from .peers import Peer
from .results import describe_machine
from .tools import OUT, ROOT, Failure, note

HOOK = ROOT / "artifacts" / "bin" / "Godwit.GcWatch" / "release" / "Godwit.GcWatch.dll"
RECORD = OUT / "gc.json"
SLACK = 60  # seconds after which a run that has not ended counts as broken


def measure_pauses(path, minutes, rate, qos):
    """Adds one run to the results."""
    _build_hook()
    peer, seconds = Peer("godwit-2"), minutes * 60
    reason = peer.why_missing()
    if reason:
        raise Failure(reason)
    RECORD.unlink(missing_ok=True)
    peer.start({"DOTNET_STARTUP_HOOKS": str(HOOK), "GODWIT_GC_RECORD": str(RECORD)})
    try:
        note(f"{minutes:g} minutes at {rate:,} messages a second, QoS {qos}")
        load = ["--scenario", "p2p", "--qos", str(qos), "--rate", str(rate), "--warmup-seconds", "2", "--seconds", str(seconds)]
        with start_hostile("churn", peer), start_load(peer, load) as loading, start_probe(peer, seconds) as probing:
            under_load, probe = (_figures(process, seconds) for process in (loading, probing))
        time.sleep(1.5)  # the record is written every second
        record = json.loads(RECORD.read_text(encoding="utf-8"))
    finally:
        peer.stop()
    row = {"gc": record, "minutes": minutes, "rate": rate, "qos": qos, "load": under_load, "probe": probe}
    with open(path, "a", encoding="utf-8") as results:
        print(json.dumps(describe_machine([peer])), json.dumps(row), sep="\n", file=results)


def show_pauses(path, write):
    """Prints the last run of a file, and writes the section of docs/performance.md."""
    with open(path, encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if "gc" in row]
    if not rows:
        raise Failure(f"no long run in {path}")
    table = _table(rows[-1])
    print(tables.as_text(table))
    if write:
        document.write_section("gc", tables.as_markdown(table))
        note("wrote docs/performance.md")
    return 0


def _build_hook():
    built = subprocess.run(["dotnet", "build", ROOT / "bench" / "Godwit.GcWatch", "-c", "Release", "--disable-build-servers", "-v", "quiet"],
                           capture_output=True, text=True, check=False)
    if built.returncode:
        raise Failure(f"Godwit.GcWatch does not build:\n{built.stdout}")


def _figures(process, seconds):
    try:
        output, errors = process.communicate(timeout=seconds + SLACK)
    except subprocess.TimeoutExpired as late:
        raise Failure("the run does not end") from late
    figures = parse(output)
    if figures is None:
        raise Failure(errors.strip() or "the generator said nothing")
    return figures


def _table(row):
    gc, load, probe = row["gc"], row["load"], row["probe"]
    return ["figure", "value"], [
        ["run", f"{row['minutes']:g} minutes, {load['msgs_per_s']:,.0f} messages/s at QoS {row['qos']}, {load['received']:,} in all, {load['lost']} lost"],
        ["collections (generation 0 / 1 / 2)", " / ".join(str(count) for count in gc["collections"])],
        ["longest pause", f"{gc['longest_ms']:.2f} ms ({gc['longest_kind']})"],
        ["all pauses together", f"{gc['total_ms']:.2f} ms, of which {gc['unseen_ms']:.2f} ms in collections that were not looked at one by one"],
        ["quiet pair p50 / p99 / p99.9 / longest", " / ".join(f"{probe[field]:,.0f}" for field in ("p50_us", "p99_us", "p999_us", "max_us")) + " us"],
        ["the broker's CPU", f"{load['broker_cpu_pct']:.0f} % of one processor"],
        ["the broker's memory", f"{load['rss_mb']:.0f} MB"],
    ]
