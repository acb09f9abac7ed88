"""One run of the load generator against one peer."""
import json
import subprocess

from .tools import OUT, Failure


def command(peer, arguments):
    """mqload's command line. A run in which nothing moves for five seconds ends by itself."""
    return [str(OUT / "mqload"), "--port", str(peer.port), "--broker-pid", str(peer.process.pid), "--stall", "5", *arguments]


def parse(output):
    """mqload's one line of figures, whole or not: a run with lost messages has one too."""
    lines = output.splitlines()
    return json.loads(lines[0]) if lines and lines[0].startswith("{") else None


def measure(peer, arguments, limit=60, prefix=()):
    """Runs the generator, under a command like nice if there is a prefix, and gives its figures; a peer that breaks is a Failure."""
    try:
        result = subprocess.run([*prefix, *command(peer, arguments)], capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{peer.name}: no end after {limit} s") from late
    figures = parse(result.stdout)
    if figures is None:
        raise Failure(f"{peer.name}: {result.stderr.strip() or 'the generator said nothing'}")
    return figures
