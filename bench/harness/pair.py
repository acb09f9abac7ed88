"""The quiet pair of clients whose latency is measured, and the others: everybody else gives way to it and the broker on the processor, since
otherwise the scheduling of one machine for all would be measured, not the broker. The pair stands for clients on another machine; so it does
not wait for a processor that the broker keeps busy, which would be counted as the broker's latency: it has real-time priority where that is
allowed (to root), at all peers alike."""
import functools
import os
import subprocess
import sys

from .load import command, measure
from .tools import BENCH, background

PROBE = ["--keepalive", "0", "--scenario", "p2p", "--pairs", "1", "--rate", "200", "--warmup-seconds", "0.5"]
GIVING_WAY = ["nice", "-n", "19"]
REAL_TIME = ["chrt", "--fifo", "1"]


def probe(peer, seconds):
    """Latency of one publisher and one subscriber, 200 messages a second, QoS 0."""
    return measure(peer, [*PROBE, "--seconds", str(seconds)], seconds + 30, _first())


def start_probe(peer, seconds):
    """The same, while the block runs."""
    return background([*_first(), *command(peer, [*PROBE, "--seconds", str(seconds)])], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def start_load(peer, arguments):
    """mqload with any options, while the block runs."""
    return background([*GIVING_WAY, *command(peer, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def start_hostile(kind, peer):
    """One of the clients of hostile.py, while the block runs."""
    return background([*GIVING_WAY, sys.executable, "-m", "harness.hostile", kind, peer.port], stderr=subprocess.DEVNULL,
                      env=os.environ | {"PYTHONPATH": str(BENCH)})


@functools.cache
def _first():
    """What makes a command come first, if this user may do that; otherwise nothing."""
    try:
        return REAL_TIME if subprocess.run([*REAL_TIME, "true"], capture_output=True, check=False).returncode == 0 else []
    except FileNotFoundError:
        return []
