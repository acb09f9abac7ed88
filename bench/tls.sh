#!/usr/bin/env bash
# What TLS and WebSocket cost a broker for each delivery, against mosquitto and against plain TCP. Its code is in bench/harness/tls.py. --help
# lists the options.
set -eu

here=$(dirname -- "$(readlink -f -- "$0")")
hash python3 2>/dev/null || { echo 'tls.sh: needs python3: on Debian, apt-get install python3' >&2; exit 1; }
PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 exec python3 -c 'from harness import tls, tools; tools.run(tls.main, "tls.sh")' "$@"
