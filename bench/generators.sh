#!/usr/bin/env bash
# Compares the load generators, `godwit bench` and mqload: how much load can each of them make? Its code is in
# bench/harness/generators.py. --help lists the options.
set -eu

here=$(dirname -- "$(readlink -f -- "$0")")
hash python3 2>/dev/null || { echo 'generators.sh: needs python3: on Debian, apt-get install python3' >&2; exit 1; }
PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 exec python3 -c 'from harness import generators, tools; tools.run(generators.main, "generators.sh")' "$@"
