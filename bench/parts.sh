#!/usr/bin/env bash
# Measures the parts of Godwit (packets, matching, routes, in-flight tables, queue) with BenchmarkDotNet and makes one table of them. Its
# code is in bench/Godwit.Benchmarks and bench/harness/parts.py. --help lists the options.
set -eu

here=$(dirname -- "$(readlink -f -- "$0")")
hash python3 2>/dev/null || { echo 'parts.sh: needs python3: on Debian, apt-get install python3' >&2; exit 1; }
PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 exec python3 -c 'from harness import parts, tools; tools.run(parts.main, "parts.sh")' "$@"
