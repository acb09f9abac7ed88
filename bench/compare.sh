#!/usr/bin/env bash
# Compares brokers on this machine: the C floor, mosquitto, aedes and Godwit, scenario by scenario, interleaved, so that whatever else the
# machine does hits all of them alike. Its code is in bench/harness; bench/README.md says what it measures. --help lists the options.
set -eu

here=$(dirname -- "$(readlink -f -- "$0")")
hash python3 2>/dev/null || { echo 'compare.sh: needs python3: on Debian, apt-get install python3' >&2; exit 1; }
PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 exec python3 -c 'from harness import compare, tools; tools.run(compare.main, "compare.sh")' "$@"
