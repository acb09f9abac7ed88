#!/usr/bin/env bash
# Measures what a quiet pair of clients notices of load and of clients that behave badly, and (`latency.sh gc`) the garbage collector's
# pauses in a long run. Its code is in bench/harness; bench/README.md says what it measures. --help lists the options.
set -eu

here=$(dirname -- "$(readlink -f -- "$0")")
hash python3 2>/dev/null || { echo 'latency.sh: needs python3: on Debian, apt-get install python3' >&2; exit 1; }
PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 exec python3 -c 'from harness import latency, tools; tools.run(latency.main, "latency.sh")' "$@"
