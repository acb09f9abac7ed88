"""compare.sh --quick: fails when Godwit's CPU per delivery, as a multiple of the floor's in the same minute, has grown by more than 40 %.

A multiple hardly depends on the machine, and pairs of short runs next to each other hardly on what else it does. What still looks too
expensive is measured again, twice, before it counts: a regression stays, a disturbance goes.
"""
import os
import statistics
import time

from .load import measure
from .peers import Peers
from .scenarios import Scenario
from .tools import BENCH, Failure, note

FIGURES = BENCH / "guard.tsv"
TOLERANCE = 1.4
PAIRS, ATTEMPTS = 3, 3
SECONDS, WARMUP, FIRST_WARMUP = 0.35, 0.08, 0.8
LIMIT = 160  # seconds for everything: beyond it nothing is measured again


def main(commit):
    """Compares with guard.tsv, or writes it."""
    started = time.monotonic()
    # On more processors messages share fewer system calls. Two are everywhere, or one, where they share more.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    known = _read()
    too_slow, measured = [], {}
    names = ["floor", *dict.fromkeys(peer for peer, _ in known)]
    with Peers(names) as available:
        peers = {peer.name: peer for peer in available}
        for peer in available:
            peer.start()
        for (name, scenario), figure in known.items():
            limit = figure * TOLERANCE
            measure(peers[name], Scenario.parse(scenario).arguments(0.05, FIRST_WARMUP), 20)
            ratios = [_ratio(peers, name, scenario)]
            while (commit or ratios[-1] > limit) and len(ratios) < ATTEMPTS and time.monotonic() - started < LIMIT:
                ratios.append(_ratio(peers, name, scenario))
            # One good attempt shows what the code can do; what is committed shall be ordinary.
            measured[name, scenario] = ratio = statistics.median(ratios) if commit else min(ratios)
            tries = "" if len(ratios) == 1 else f" (measured {len(ratios)} times: {', '.join(f'{each:.2f}' for each in ratios)})"
            line = f"{name} {scenario}: {ratio:.2f} x floor, committed {figure:.2f}, {ratio / figure - 1:+.0%}{tries}"
            note(line)
            if ratio > limit:
                too_slow.append(line)
    if commit:
        _write(measured)
        return 0
    if too_slow:
        raise Failure("CPU per delivery has grown by more than 40 %:\n  " + "\n  ".join(too_slow))
    print(f"CPU per delivery is within 40 % of the committed figures in {len(measured)} scenarios ({time.monotonic() - started:.0f} s)")
    return 0


def _ratio(peers, name, scenario):
    """Median of a few pairs. QoS 2, which the floor does not know, is measured against its QoS 1."""
    load, base = Scenario.parse(scenario), Scenario.parse(scenario[:-1] + "1" if scenario.endswith("2") else scenario)
    quotients = []
    for _ in range(PAIRS):
        floor = _cpu(peers["floor"], base)
        quotients.append(_cpu(peers[name], load) / floor)
    return statistics.median(quotients)


def _cpu(peer, scenario):
    figures = measure(peer, scenario.arguments(SECONDS, WARMUP), 20)
    if figures["lost"] or figures["order_errors"] or figures["bad"]:
        raise Failure(f"{peer.name} {scenario.name}: {figures['lost']} lost, {figures['order_errors']} out of order, {figures['bad']} malformed")
    return figures["broker_cpu_us_per_msg"]


def _read():
    with open(FIGURES, encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]
    return {(peer, scenario): float(ratio) for peer, scenario, ratio in rows}


def _write(measured):
    with open(FIGURES, encoding="utf-8") as lines:
        head = [line for line in lines if line.startswith("#")]
    with open(FIGURES, "w", encoding="utf-8") as lines:
        lines.writelines(head)
        lines.writelines(f"{peer}\t{scenario}\t{ratio:.2f}\n" for (peer, scenario), ratio in measured.items())
