"""The command behind tls.sh: CPU of a broker for each delivery by TCP, TLS, WebSocket and both, with `godwit bench` as the generator."""
import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

from . import document, tables
from .peers import godwit
from .tools import Failure, background, note

TRANSPORTS = {"tcp": "MQTT", "tls": "TLS", "ws": "WebSocket", "wss": "WebSocket over TLS"}
BROKERS = ("godwit", "mosquitto")


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="bench/tls.sh", description="CPU for each delivery by TCP, TLS and WebSocket: p2p, QoS 0, 64-byte payloads. See bench/README.md.")
    parser.add_argument("--transports", default=",".join(TRANSPORTS), help="some of tcp,tls,ws,wss (default all)")
    parser.add_argument("--windows", default="16,1", help="messages that each publisher has under way (default 16,1)")
    parser.add_argument("--pairs", type=int, default=100, help="pairs of publisher and subscriber (default 100)")
    parser.add_argument("--runs", type=int, default=3, help="of each broker, in turn (default 3)")
    parser.add_argument("--seconds", type=float, default=2, help="length of a run, behind a warm-up of one second (default 2)")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    options = parser.parse_args(arguments)
    transports, windows = options.transports.split(","), [int(window) for window in options.windows.split(",")]
    if unknown := set(transports) - set(TRANSPORTS):
        raise Failure(f"no such transport: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as directory:
        files = _certificates(pathlib.Path(directory))
        ports = {(broker, transport): _free_port() for broker in BROKERS for transport in TRANSPORTS}
        with background(_godwit(files, ports), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as ours, \
                background(_mosquitto(files, ports), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as theirs:
            processes = {"godwit": ours, "mosquitto": theirs}
            for port in ports.values():
                _await(port)
            for broker in BROKERS:  # one is compiled while it runs
                _bench(ports[broker, "wss"], processes[broker].pid, "wss", windows[0], files, options)
            rows = [_row(transport, window, files, ports, processes, options) for window in windows for transport in transports]
    text = tables.as_markdown((["transport", "under way", "godwit", "mosquitto", "godwit / mosquitto"], rows))
    print(text)
    if options.write:
        document.write_section("tls", text)
    return 0


def _row(transport, window, files, ports, processes, options):
    figures = {broker: [] for broker in BROKERS}
    for run in range(options.runs):
        for broker in BROKERS if run % 2 == 0 else reversed(BROKERS):
            figures[broker].append(_bench(ports[broker, transport], processes[broker].pid, transport, window, files, options))
    note(f"{transport} window {window}: {figures}")
    ratios = [ours / theirs for ours, theirs in zip(*(figures[broker] for broker in BROKERS))]
    cpu = (f"{statistics.median(figures[broker]):.2f}" for broker in BROKERS)
    return [TRANSPORTS[transport], str(window), *cpu, f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"]


def _bench(port, pid, transport, window, files, options):
    """CPU microseconds of the broker for each delivery."""
    command = [godwit(), "bench", "p2p", "-h", "127.0.0.1", "-p", str(port), "--pairs", str(options.pairs), "--window", str(window),
               "--duration", str(options.seconds), "--warmup", "1", "--broker-pid", str(pid), "--json", "--quiet"]
    command += ["--cafile", str(files / "server.pem")] if transport in ("tls", "wss") else []
    command += ["--ws"] if transport in ("ws", "wss") else []
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if result.returncode:
        raise Failure(f"{' '.join(command)}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    return json.loads(result.stdout)["broker_process"]["cpu_us_per_delivery"]


def _certificates(directory):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", directory / "server.key", "-out", directory / "server.pem",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    directory.chmod(0o755)
    (directory / "server.key").chmod(0o644)  # mosquitto gives root up before it reads it
    return directory


def _godwit(files, ports):
    listeners = [part for transport in TRANSPORTS for part in ("--listen", f"{transport}://127.0.0.1:{ports['godwit', transport]}")]
    return [godwit(), "broker", *listeners, "--cert", files / "server.pem", "--key", files / "server.key", *os.environ.get("GODWIT_BROKER_ARGS", "").split()]


def _mosquitto(files, ports):
    program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not program:
        raise Failure("mosquitto is not installed: apt-get install mosquitto")
    lines = ["allow_anonymous true", "persistence false", "max_queued_messages 0", "max_inflight_messages 0", "set_tcp_nodelay true", "log_type error"]
    for transport in TRANSPORTS:
        lines.append(f"listener {ports['mosquitto', transport]} 127.0.0.1")
        lines += [f"certfile {files / 'server.pem'}", f"keyfile {files / 'server.key'}"] if transport in ("tls", "wss") else []
        lines += ["protocol websockets"] if transport in ("ws", "wss") else []
    (files / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [program, "-c", files / "mosquitto.conf"]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Failure(f"nobody listens on port {port}")
