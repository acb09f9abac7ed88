#!/usr/bin/env bash
# What it costs to lose nothing: brokers that store what they acknowledge, beside brokers that do not. Its code is in
# bench/harness/durability.py. --help lists the options.
set -eu

here=$(dirname -- "$(readlink -f -- "$0")")
hash python3 2>/dev/null || { echo 'durability.sh: needs python3: on Debian, apt-get install python3' >&2; exit 1; }
PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 exec python3 -c 'from harness import durability, tools; tools.run(durability.main, "durability.sh")' "$@"
