#!/usr/bin/env bash
# What a broker with a memory budget takes while it is flooded. Its code is in bench/harness/memory.py; the floods are those of
# tests/Interop/MemoryFloodTests.cs. --help lists the options.
set -eu

here=$(dirname -- "$(readlink -f -- "$0")")
hash python3 2>/dev/null || { echo 'memory.sh: needs python3: on Debian, apt-get install python3' >&2; exit 1; }
PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 exec python3 -c 'from harness import memory, tools; tools.run(memory.main, "memory.sh")' "$@"
