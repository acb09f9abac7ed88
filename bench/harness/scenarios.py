"""The loads. A name reads SHAPE[-SIZE][-v5]-QOS: p2p-0, fanin-v5-1, p2p-16k-0; `connect` and `idle` stand alone."""
import dataclasses
import re

from .tools import Failure

SIZES = ["16", "1k", "16k", "256k", "1m"]
DELIVERIES = [f"{shape}-{qos}" for shape in ("p2p", "fanin", "fanout") for qos in (0, 1, 2)]
VERSION_5 = [f"{shape}-v5-{qos}" for shape in ("p2p", "fanin", "fanout") for qos in (0, 1, 2)]
PAYLOADS = [f"p2p-{size}-{qos}" for size in SIZES for qos in (0, 1)]
SPARSE = [f"{shape}-{qos}" for shape in ("single", "paced") for qos in (0, 1)]
CONNECTIONS = ["idle", "connect"]
TABLE = [*DELIVERIES, *VERSION_5, *PAYLOADS, *SPARSE, *CONNECTIONS]

PACE = 20_000
UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20}


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One load, as its name says."""

    name: str
    shape: str
    qos: int
    payload: int
    is_v5: bool

    @staticmethod
    def parse(name):
        if name in CONNECTIONS:
            return Scenario(name, name, 0, 0, False)
        match = re.fullmatch(r"(p2p|fanin|fanout|single|paced)(?:-(\d+)([km]?))?(-v5)?-([012])", name)
        if not match:
            raise Failure(f"no such scenario: {name} (see --list)")
        shape, size, unit, v5, qos = match.groups()
        return Scenario(name, shape, int(qos), int(size) * UNITS[unit] if size else 64, v5 is not None)

    @property
    def is_connection(self):
        return self.name in CONNECTIONS

    def can_run(self, peer):
        """The floor knows no QoS 2, aedes no MQTT 5."""
        return not (peer.name == "floor" and self.qos == 2 or peer.name == "aedes" and self.is_v5)

    def arguments(self, seconds, warmup):
        """mqload's options."""
        if self.name == "connect":
            return ["--scenario", "connect", "--messages", "20000"]
        if self.name == "idle":
            return ["--scenario", "idle", "--conns", "10000", "--hold", "3"]
        arguments = ["--scenario", self.shape if self.shape.startswith("fan") else "p2p", "--qos", self.qos, "--payload", self.payload,
                     "--mqtt", 5 if self.is_v5 else 4, "--seconds", seconds, "--warmup-seconds", warmup]
        if self.shape == "single":
            arguments += ["--window", 1]
        elif self.shape == "paced":
            arguments += ["--rate", PACE]
        elif self.payload >= 1 << 18:
            # What is under way stays below every peer's limit for unread output; a message of 1 MiB is that limit already.
            arguments += ["--pairs", 10, "--window", max(1, (1 << 19) // self.payload)]
        elif self.payload > 4096:
            arguments += ["--window", 4]
        return [str(argument) for argument in arguments]
