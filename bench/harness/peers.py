"""The servers that are compared. Each runs in a process of its own, on a free port of the loopback interface."""
import functools
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time

from .tools import BENCH, OUT, ROOT, Failure, stop

MOSQUITTO = """listener {port} 127.0.0.1
allow_anonymous true
persistence {persistence}
max_queued_messages 0
max_inflight_messages 0
set_tcp_nodelay true
log_type error
"""
AEDES = BENCH / "aedes"
DEFAULT = "floor,mosquitto,aedes,godwit-1,godwit-2"


def _mosquitto():
    return shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")


def godwit():
    """The program to measure; GODWIT names another build than this checkout's."""
    return os.environ.get("GODWIT", str(ROOT / "godwit"))


@functools.cache
def _output(*command):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return (result.stdout + result.stderr).strip() if result.returncode in (0, 3) else ""


class Peer:
    """
    One server: floor, mosquitto, aedes, or godwit-N, which is Godwit with N event loops. Those that store: godwit-N-LEVEL with the
    acknowledgement level memory, os or fsync, and mosquitto-persistent.
    """

    def __init__(self, name):
        if not re.fullmatch(r"floor|mosquitto(-persistent)?|aedes|godwit-[1-9]\d*(-(memory|os|fsync))?", name):
            raise Failure(f"no such peer: {name} (there are floor, mosquitto, aedes, and godwit-N with N event loops)")
        self.name = name
        self.port = self.process = None
        self._configuration = None

    def why_missing(self):
        """None if the peer can run here; otherwise what to do. Builds or installs what this checkout can."""
        if self.name.startswith("mosquitto") and not _mosquitto():
            return "not installed: apt-get install mosquitto"
        if self.name == "aedes":
            return self._install_aedes()
        if self.name.startswith("godwit") and not _output(godwit(), "--version"):
            return f"{godwit()} does not run"
        return None

    def version(self):
        """Name and version as the peer says it."""
        if self.name.startswith("mosquitto"):
            return _output(_mosquitto(), "-h").split("\n")[0].replace(" version", "")
        if self.name == "aedes":
            package = json.loads((AEDES / "node_modules" / "aedes" / "package.json").read_text(encoding="utf-8"))
            return f"aedes {package['version']} on Node.js {_output('node', '--version')}"
        return _output(godwit(), "--version") if self.name.startswith("godwit") else ""

    def start(self, environment=None, keep=False):
        """A fresh process that listens; one that stores begins with nothing, unless what it has is to be kept."""
        if not keep:
            shutil.rmtree(self._data, ignore_errors=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | (environment or {}))
        for _ in range(200):
            if self.process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise Failure(f"{self.name} does not listen: see {self.log}")

    def stop(self):
        """Ends the process, if there is one."""
        if self.process:
            stop(self.process)
        shutil.rmtree(self._data, ignore_errors=True)
        self.process = self._configuration = None

    def kill(self):
        """Ends the process at once, as a crash does."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def resident_mb(self):
        """Megabytes of memory that the process has."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    @property
    def log(self):
        """What the process has written."""
        return OUT / f"{self.name}.log"

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def _command(self):
        port = str(self.port)
        if self.name == "floor":
            return [str(OUT / "floor"), port]
        if self.name.startswith("mosquitto"):
            self._configuration = tempfile.NamedTemporaryFile("w", suffix=".conf")
            stores = self.name.endswith("-persistent")
            self._configuration.write(MOSQUITTO.format(port=port, persistence=str(stores).lower()))
            if stores:
                self._data.mkdir(parents=True)
                self._configuration.write(f"persistence_location {self._data}/\n" + ("user root\n" if os.geteuid() == 0 else ""))
            self._configuration.flush()
            return [_mosquitto(), "-c", self._configuration.name]
        if self.name == "aedes":
            return ["node", str(AEDES / "server.mjs"), port]
        _, loops, *level = self.name.split("-")
        storing = ["--data", str(self._data), "--ack-level", *level] if level else []
        return [godwit(), "broker", "-p", port, "--loops", loops, *storing, *os.environ.get("GODWIT_BROKER_ARGS", "").split()]

    @property
    def _data(self):
        return OUT / f"{self.name}.data"

    @staticmethod
    def _install_aedes():
        if not shutil.which("node") or not shutil.which("npm"):
            return "needs Node.js: apt-get install nodejs npm"
        lock, installed = AEDES / "package-lock.json", AEDES / "node_modules" / ".package-lock.json"
        if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
            return None
        with open(OUT / "npm.log", "wb") as log:
            result = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=AEDES, stdout=log, stderr=log, timeout=180, check=False)
        return f"npm ci failed: see {OUT / 'npm.log'}" if result.returncode else None


class Peers:
    """The peers of a run that are available here; all of them end with the block."""

    def __init__(self, names, note=None):
        self.available = []
        for peer in map(Peer, names):
            reason = peer.why_missing()
            if reason is None:
                self.available.append(peer)
            elif note:
                note(f"{peer.name} is left out: {reason}")
            else:
                raise Failure(f"{peer.name}: {reason}")
        if not self.available:
            raise Failure("nothing to measure")

    def __enter__(self):
        return self.available

    def __exit__(self, *_):
        for peer in self.available:
            peer.stop()
