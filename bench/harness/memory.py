"""The command behind memory.sh: runs the floods of the interop tests for longer, and draws what the broker's process took."""
import argparse
import os
import subprocess
import tempfile
import pathlib

from . import document, plots, tables
from .tools import ROOT, Failure, note

BUDGET = 96 * 1024 * 1024
FLOODS = {
    "retained": "retained messages on ever new topics",
    "queues": "QoS 1 for 50 sessions that are away",
    "readers": "2 KB to 200 clients that do not read",
    "sessions": "sessions that stay, with a subscription",
    "subscriptions": "subscriptions of one client",
    "packets": "large packets that never end",
}


def main(arguments):
    parser = argparse.ArgumentParser(prog="bench/memory.sh", description="Floods a broker that has --memory 96M. See bench/README.md.")
    parser.add_argument("--seconds", type=int, default=10, help="that each flood lasts (default 10, 60 at most)")
    parser.add_argument("--write", action="store_true", help="writes table and plot into docs/performance.md")
    options = parser.parse_args(arguments)
    samples = _measure(options.seconds)
    rows = []
    for kind, what in FLOODS.items():
        resident = [row[1] for row in samples[kind]]
        answers = sorted(row[2] for row in samples[kind][:-1])
        rows.append([what, f"{max(resident) / 2 ** 20:.0f} MiB", f"{100 * max(resident) / BUDGET:.0f} %",
                     f"{1000 * answers[len(answers) // 2]:.1f} ms", f"{1000 * answers[len(answers) * 99 // 100]:.0f} ms"])
    table = (["flood", "resident at most", "of the budget", "quiet client, median", "p99"], rows)
    print(tables.as_text(table))
    if options.write:
        document.write_section("memory", tables.as_markdown(table))
        document.write_file("memory.svg", plots.resident("Resident memory under floods, --memory 96M",
                            "MiB over seconds. The line is the budget, the dashed one 15 % more", BUDGET, [(what, samples[kind]) for kind, what in FLOODS.items()]))
    return 0


def _measure(seconds):
    with tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, "GODWIT_MEMORY_SECONDS": str(seconds), "GODWIT_MEMORY_SAMPLES": directory}
        note(f"{len(FLOODS)} floods of {seconds} s")
        run = subprocess.run(["dotnet", "test", "-c", "Release", ROOT / "tests" / "Interop", "--filter", "FullyQualifiedName~MemoryFloodTests"],
                             env=environment, capture_output=True, text=True, check=False)
        if run.returncode:
            raise Failure(f"the tests failed:\n{run.stdout[-4000:]}{run.stderr[-1000:]}")
        return {kind: [tuple(map(float, line.split("\t"))) for line in (pathlib.Path(directory) / f"{kind}.tsv").read_text(encoding="utf-8").splitlines()]
                for kind in FLOODS}
