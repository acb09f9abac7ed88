#!/usr/bin/env bash
# Builds everything once, runs every test, and compares the broker's speed with the committed figures. The last line is
# "N passed, N failed"; the exit code is 0 only if nothing failed.
# Test peers (other people's MQTT programs) that are missing are installed first where that is possible without asking.
set -u

usage() {
    cat <<'END'
./test.sh [--filter EXPRESSION] [PROJECT...]

  PROJECT              run only these test projects; the name or a part of it: Protocol, Godwit.Ledger.Tests
  --filter EXPRESSION  run only these tests, as `dotnet test --filter` has it: FullyQualifiedName~Topic, or just Topic
  --help               this text

With PROJECT or --filter the speed is not looked at (bench/compare.sh --quick).

GODWIT_TEST_TIMEOUT    seconds a test project may take (default 300, and more with many kills)
GODWIT_CRASH_KILLS     how often the crash tests kill the broker (default 15)
END
}

filter='' wanted=()
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit 0 ;;
        --filter) [ $# -ge 2 ] || { usage >&2; exit 2; }; filter=$2; shift ;;
        --filter=*) filter=${1#*=} ;;
        -*) printf 'test.sh: unknown option %s\n' "$1" >&2; usage >&2; exit 2 ;;
        *) wanted+=("$1") ;;
    esac
    shift
done

cd "$(dirname -- "$(readlink -f -- "$0")")" || exit 1
exec </dev/null
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
limit=${GODWIT_TEST_TIMEOUT:-$((300 + 3 * ${GODWIT_CRASH_KILLS:-0}))}
results=$PWD/artifacts/test-results
mkdir -p artifacts

note() { printf 'test.sh: %s\n' "$*" >&2; }

# ---- test peers --------------------------------------------------------------------------------------------------------------------------

debian_peers=(mosquitto mosquitto-clients python3-paho-mqtt libpaho-mqtt1.3 libpaho-mqtt-dev gcc libc6-dev sqlite3 libargon2-1 tshark chromium)

install_debian_peers() {
    hash apt-get dpkg-query 2>/dev/null || return 0
    local missing=() package sudo=()
    for package in "${debian_peers[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    hash node npm 2>/dev/null || missing+=(nodejs npm)
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || { note "not installed, and no right to install: ${missing[*]}"; return 0; }
        sudo=(sudo -n)
    fi

    note "installing ${missing[*]}"
    # A fresh image has no package lists. A refused policy keeps the packages from starting their services.
    local policy=/usr/sbin/policy-rc.d own_policy='' log=artifacts/apt.log
    if [ ! -e $policy ]; then
        own_policy=1
        printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee $policy >/dev/null && "${sudo[@]}" chmod +x $policy
    fi
    apt_install() {
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1
    }
    : >"$log"
    apt_install || { "${sudo[@]}" timeout 120 apt-get update >>"$log" 2>&1; apt_install; } || note "apt-get failed: see $log"
    [ -z "$own_policy" ] || "${sudo[@]}" rm -f $policy
}

install_npm_peers() {
    local js=tests/Interop/js
    [ ! $js/node_modules/.package-lock.json -nt $js/package-lock.json ] || return 0
    hash npm 2>/dev/null || { note 'npm is not installed: no mqtt.js to test with'; return 0; }
    (cd $js && timeout 180 npm ci --no-audit --no-fund) >artifacts/npm.log 2>&1 || note 'npm ci failed: see artifacts/npm.log'
}

# ---- build -------------------------------------------------------------------------------------------------------------------------------

build() {
    # The lock and the stamp are those of ./godwit, so that tests can call it without another build.
    local started=artifacts/.build-started output=artifacts/bin/Godwit.Cli/release
    exec 9>artifacts/.build-lock
    ! hash flock 2>/dev/null || flock 9
    : >$started
    dotnet build -c Release -warnaserror --disable-build-servers -v quiet -clp:NoSummary >artifacts/build.log 2>&1 9>&- || return 1
    [ ! -d $output ] || mv -f $started $output/.built
    exec 9>&-
}

# ---- tests -------------------------------------------------------------------------------------------------------------------------------

# Runs one test project and leaves NAME.log, NAME.trx and NAME.rc in the results directory.
run_project() {
    local name=$1 arguments=()
    [ -z "$filter" ] || arguments=(--filter "$filter")
    # When nothing happens for a minute, blame ends the test host and names the test that hangs. Runs that are made longer need more.
    timeout -k 10 "$limit" dotnet test "artifacts/bin/$name/release/$name.dll" "${arguments[@]}" \
        "--blame:CollectHangDump;HangDumpType=None;TestTimeout=${GODWIT_TEST_TIMEOUT:-60}s" \
        --logger "console;verbosity=normal" --logger "trx;LogFileName=$name.trx" --results-directory "$results" >"$results/$name.log" 2>&1
    echo $? >"$results/$name.rc"
}

# counter FILE NAME: one number of a trx file's summary.
counter() { sed -n "s/.*<Counters .*\b$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

# list_skipped FILE: name and reason of each skipped test.
list_skipped() {
    awk '/<UnitTestResult / { name = ""; if (/outcome="NotExecuted"/ && match($0, /testName="[^"]*"/)) name = substr($0, RSTART + 10, RLENGTH - 11) }
        name != "" && match($0, /<Message>[^<]*/) { print "  skipped: " name ": " substr($0, RSTART + 9, RLENGTH - 9); name = "" }' "$1"
}

passed_sum=0 failed_sum=0

# Prints one line for a project, then its failures and skipped tests.
report_project() {
    local name=$1 rc total executed passed failed skipped problem='' line
    local trx=$results/$name.trx log=$results/$name.log
    rc=$(cat "$results/$name.rc" 2>/dev/null || echo 1)
    total=0 executed=0 passed=0
    if [ -s "$trx" ]; then
        total=$(counter "$trx" total) executed=$(counter "$trx" executed) passed=$(counter "$trx" passed)
    fi
    failed=$((${executed:-0} - ${passed:-0}))
    skipped=$((${total:-0} - ${executed:-0}))

    if [ "$rc" = 124 ] || [ "$rc" = 137 ]; then problem="did not end within $limit s"
    elif [ ! -s "$trx" ] || { [ "$rc" != 0 ] && [ "$failed" = 0 ]; }; then problem="the test run broke (exit code $rc)"
    elif [ "${total:-0}" = 0 ] && [ -z "$filter" ]; then problem='ran no test'
    fi
    [ -z "$problem" ] || failed=$((failed + 1))

    line="$name: ${passed:-0} passed, $failed failed"
    [ $skipped = 0 ] || line+=", $skipped skipped"
    printf '%s\n' "$line${problem:+: $problem}"
    # Figures that tests report about the project as a whole.
    [ ! -s "$trx" ] || grep -oE '(^|>)report: [^<]*' "$trx" | sed -E 's/^>?report: /  /'
    [ $skipped = 0 ] || list_skipped "$trx"
    if [ "$failed" != 0 ]; then
        if [ -n "$problem" ]; then cat "$log"; else sed -n '/^  Failed /,/^  \(Passed\|Skipped\) /{/^  \(Passed\|Skipped\) /!p}' "$log"; fi
    fi
    passed_sum=$((passed_sum + ${passed:-0})) failed_sum=$((failed_sum + failed))
}

is_wanted() {
    [ ${#wanted[@]} -gt 0 ] || return 0
    local part
    for part in "${wanted[@]}"; do
        part=${part%/}
        case $1 in *"${part##*/}"*) return 0 ;; esac
    done
    return 1
}

# Runs after everything else, alone: its figures are times.
check_speed() {
    local log=$results/compare.log
    if timeout -k 10 180 bench/compare.sh --quick >"$log" 2>&1; then
        printf 'bench/compare.sh --quick: 1 passed, 0 failed\n  %s\n' "$(tail -n 1 "$log")"
        passed_sum=$((passed_sum + 1))
    else
        printf 'bench/compare.sh --quick: 0 passed, 1 failed\n'
        cat "$log"
        failed_sum=$((failed_sum + 1))
    fi
}

finish() {
    printf '%d passed, %d failed\n' $passed_sum $failed_sum
    [ $failed_sum = 0 ] || exit 1
    exit 0
}

projects=()
for project in tests/*/*.Tests.csproj tests/*/*/*.Tests.csproj; do
    [ -f "$project" ] || continue
    name=$(basename "$project" .csproj)
    ! is_wanted "$name" || projects+=("$name")
done
if [ ${#projects[@]} = 0 ]; then
    note "no test project matches: ${wanted[*]}"
    exit 2
fi

install_debian_peers
install_npm_peers
if ! hash dotnet 2>/dev/null; then
    note 'Godwit needs the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0'
    failed_sum=1
    finish
fi
if ! build; then
    cat artifacts/build.log
    note 'the build failed'
    failed_sum=1
    finish
fi

rm -rf "$results"
mkdir -p "$results"
export -f run_project
export filter limit results
processors=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
printf '%s\n' "${projects[@]}" | xargs -P "$processors" -I '{}' bash -c 'run_project "{}"'
for name in "${projects[@]}"; do report_project "$name"; done
[ -n "$filter" ] || [ ${#wanted[@]} -gt 0 ] || check_speed
if [ -n "$filter" ] && [ $((passed_sum + failed_sum)) = 0 ]; then
    note "no test matches: $filter"
    failed_sum=1
fi
finish
