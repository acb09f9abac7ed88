"""Places, messages, and the two C programs that every measurement needs."""
import contextlib
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BENCH = ROOT / "bench"
OUT = ROOT / "artifacts" / "bench"
DOCUMENT = ROOT / "docs" / "performance.md"
PICTURES = ROOT / "docs" / "performance"

_started = time.monotonic()


class Failure(Exception):
    """Ends the program with its message."""


def note(text):
    """Says what happens, with the seconds since the start."""
    print(f"[{time.monotonic() - _started:4.0f} s] {text}", file=sys.stderr, flush=True)


def prepare():
    """Builds mqload and floor where they are older than their source, and lets everything started from here open many sockets."""
    if not shutil.which("gcc"):
        raise Failure("needs a C compiler: on Debian, apt-get install gcc libc6-dev")
    OUT.mkdir(parents=True, exist_ok=True)
    for name in ("mqload", "floor"):
        program, source = OUT / name, BENCH / f"{name}.c"
        if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
            built = subprocess.run(["gcc", "-O2", "-w", "-o", program, source], capture_output=True, text=True, check=False)
            if built.returncode:
                raise Failure(f"{source.name} does not compile:\n{built.stderr}")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def stop(process):
    """Ends a process that was started here, by force after five seconds."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


@contextlib.contextmanager
def background(command, **options):
    """A process that runs while the block does."""
    process = subprocess.Popen([str(part) for part in command], **options)
    try:
        yield process
    finally:
        stop(process)


def run(main, name):
    """Runs a program's main function: a failure is one message, and SIGTERM lets everything that was started end."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
