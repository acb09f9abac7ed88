"""Results: JSON lines, one for each run, behind one that describes the machine."""
import datetime
import json
import platform
import statistics

from .scenarios import TABLE
from .tools import Failure

# A run with one of these is not a fast run but a wrong one.
ERRORS = {"lost": "lost", "warmup_lost": "lost in the warm-up", "order_errors": "out of order", "bad": "malformed", "disconnects": "disconnected"}


def describe_machine(peers):
    """What a reader must know about where figures come from."""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    with open("/proc/meminfo", encoding="utf-8") as lines:
        memory = int(next(lines).split()[1]) / (1 << 20)
    versions = list(dict.fromkeys(filter(None, (peer.version() for peer in peers))))
    return {"machine": f"{len(models)} processors ({models[0] if models else platform.machine()}), {memory:.0f} GiB, Linux {platform.release()}, "
                       f"loopback; {', '.join(versions)}",
            "date": datetime.date.today().isoformat()}


class Results:
    """All runs of a file, by scenario and peer."""

    def __init__(self, path):
        self.scenarios, self.machine, self.date = {}, "", ""
        with open(path, encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if "machine" in row:
                    self.machine, self.date = row["machine"], row["date"]
                else:
                    self.scenarios.setdefault(row["name"], {}).setdefault(row["peer"], []).append(row)
        self.scenarios = {name: self.scenarios[name] for name in sorted(self.scenarios, key=_place)}
        if not self.scenarios:
            raise Failure(f"no results in {path}")

    def peers(self):
        """Names: the yardstick, the others, and Godwit at the end of its table."""
        names = {peer for peers in self.scenarios.values() for peer in peers}
        return sorted(names, key=lambda name: (name != "floor", name.startswith("godwit"), name != "mosquitto", name))

    def rows(self, scenario, peer):
        return self.scenarios.get(scenario, {}).get(peer, [])

    def median(self, scenario, peer, field):
        """None if nothing was measured."""
        values = [row[field] for row in self.rows(scenario, peer) if field in row]
        return statistics.median(values) if values else None

    def ratios(self, scenario, peer, base_peer, base_scenario=None, field="broker_cpu_us_per_msg"):
        """One quotient for each pair of runs that followed each other, so that what disturbs both cancels out."""
        base = {row["run"]: row.get(field) for row in self.rows(base_scenario or scenario, base_peer)}
        return sorted(row[field] / base[row["run"]] for row in self.rows(scenario, peer) if base.get(row["run"]))

    def is_generator_bound(self, scenario, peer):
        """The generator is one thread; near a whole processor it, not the peer, sets the pace."""
        rows = [row for row in self.rows(scenario, peer) if "gen_cpu_us_per_msg" in row]
        return bool(rows) and statistics.median(row["gen_cpu_us_per_msg"] * row["msgs_per_s"] / 1e6 for row in rows) > 0.9

    def errors(self):
        """A sentence for each peer and scenario with a wrong run."""
        found = []
        for name, peers in self.scenarios.items():
            for peer, rows in peers.items():
                counts = {word: max(row.get(field, 0) for row in rows) for field, word in ERRORS.items()}
                what = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
                if what:
                    found.append(f"{name} at {peer}: {what}")
        return found


def _place(name):
    """Scenarios stand in the order of the table, whenever they were measured."""
    return (TABLE.index(name), "") if name in TABLE else (len(TABLE), name)
