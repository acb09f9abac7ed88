"""The command behind parts.sh: runs the micro-benchmarks of Godwit.Benchmarks and makes one table of their results."""
import argparse
import json
import subprocess

from . import document, tables
from .tools import ROOT, Failure, note

REPORTS = ROOT / "artifacts" / "benchmarks" / "results"

# What a reader sees instead of a method's name; `{}` is its parameter.
STEPS = {
    "PacketBenchmarks.Read": "read {}",
    "PacketBenchmarks.ReadAndWrite": "read and write {}",
    "RoutingBenchmarks.Last": "subscribers of a topic, as the connection's last route, among {} filters",
    "RoutingBenchmarks.Cached": "the same from the loop's cache, among {} filters",
    "RoutingBenchmarks.MatchExact": "the same by matching: one exact filter of {}",
    "RoutingBenchmarks.MatchWildcard": "by matching: filters with wildcards, of {}",
    "RoutingBenchmarks.MatchFour": "by matching: an exact filter and three with wildcards, of {}",
    "FlowBenchmarks.SendQoS1": "in-flight table: QoS 1 message begun and acknowledged, with {} under way",
    "FlowBenchmarks.SendQoS2": "in-flight table: QoS 2 message begun and completed, with {} under way",
    "FlowBenchmarks.ReceiveQoS2": "received identifiers: QoS 2 message come and released, with {} under way",
    "DeliveryQueueBenchmarks.EnqueueAndDequeue": "delivery queue: in and out, with {} waiting",
    "AccessBenchmarks.Same": "may a client publish: the topic it has just used, with {} rules",
    "AccessBenchmarks.InTurn": "the same for 64 topics in turn, with {} rules",
    "CaptureBenchmarks.Read": "a frame of a capture file read",
    "CaptureBenchmarks.Follow": "the same, and its TCP segment put into its stream",
    "CaptureBenchmarks.FollowObserved": "the same, and the segment described to an observer",
    "AccessBenchmarks.New": "the same for a topic that is not remembered, with {} rules",
}


def main(arguments):
    parser = argparse.ArgumentParser(prog="bench/parts.sh", description="Measures the parts of Godwit with BenchmarkDotNet. See bench/README.md.")
    parser.add_argument("--filter", default="*", metavar="GLOB", help="of names such as '*Routing*' (default: all, about four minutes)")
    parser.add_argument("--show", action="store_true", help="measure nothing, show the last results of each class")
    parser.add_argument("--write", action="store_true", help="write the table of docs/performance.md")
    options = parser.parse_args(arguments)
    if not options.show:
        command = ["dotnet", "run", "-c", "Release", "--project", ROOT / "bench" / "Godwit.Benchmarks", "--", "--filter", options.filter]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            raise Failure("the benchmarks failed")
    table = _table()
    print(tables.as_text(table))
    if options.write:
        document.write_section("parts", tables.as_markdown(table))
        note("wrote docs/performance.md")
    return 0


def _table():
    """One row for each step: the parameters that it was measured with stand side by side."""
    steps = {}
    for report in sorted(REPORTS.glob("*-report-brief-compressed.json")):
        for row in json.loads(report.read_text(encoding="utf-8"))["Benchmarks"]:
            if row.get("Statistics"):
                step = STEPS.get(f"{row['Type']}.{row['Method']}", f"{row['Type']}.{row['Method']} {{}}")
                parameter = row["FullName"].partition(": ")[2].strip('")')
                steps.setdefault(step, []).append((parameter, row["Statistics"]["Mean"], row["Memory"]["BytesAllocatedPerOperation"]))
    if not steps:
        raise Failure(f"no results in {REPORTS}")
    rows = _packets(steps.pop(STEPS["PacketBenchmarks.Read"], []), steps.pop(STEPS["PacketBenchmarks.ReadAndWrite"], []))
    for step, points in sorted(steps.items(), key=lambda entry: list(STEPS.values()).index(entry[0]) if entry[0] in STEPS.values() else 99):
        rows.append([step.format(" / ".join(_thousands(parameter) for parameter, *_ in points)), " / ".join(f"{mean:.1f}" for _, mean, _ in points),
                     f"{max(allocated for *_, allocated in points):,}"])
    return ["step", "ns", "bytes allocated"], rows


def _packets(read, write):
    written = {name: (mean, allocated) for name, mean, allocated in write}
    return [[f"{name}: read / read and write", f"{mean:.1f} / {written[name][0]:.1f}", f"{max(allocated, written[name][1]):,}"]
            for name, mean, allocated in read if name in written]


def _thousands(text):
    return f"{int(text):,}" if text.isdigit() else text
