#!/usr/bin/env bash
# How fast a capture of a million frames becomes fields, beside tshark on the same file in the same minutes: whole processes, from start to end.
#
#     bench/capture.sh [FRAMES [ROUNDS]]        default 1,000,000 and 3; half a minute a round, nearly all of it tshark's
#
# Prints the table of docs/performance.md: the best round of each, and the most memory.
set -eu

frames=${1:-1000000} rounds=${2:-3}
[[ $frames$rounds =~ ^[0-9]+$ ]] || { sed -n '2,6s/^# \?//p' "$0" >&2; exit 1; }
cd "$(dirname -- "$(readlink -f -- "$0")")/.."
program=artifacts/bin/Godwit.Cli/release/godwit
[ -x $program ] || { echo "bench/capture.sh: build first: dotnet build -c Release" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
file=$folder/capture.pcapng
dotnet run -c Release --project bench/Godwit.Capture.Bench -- write "$file" "$frames"

columns=frame.number,mqtt.msgtype,mqtt.topic,mqtt.qos,mqtt.msgid,mqtt.len
declare -A best memory
names=()

# measure NAME COMMAND...: seconds of the best round, and the most memory in KB.
measure() {
    local name=$1 started ended took kilobytes
    shift
    started=$EPOCHREALTIME
    "$@" >/dev/null 2>&1 &
    local pid=$! peak=0
    while kill -0 $pid 2>/dev/null; do
        kilobytes=$(awk '/VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null || true)
        [ "${kilobytes:-0}" -le $peak ] || peak=$kilobytes
        sleep 0.02
    done
    wait $pid
    ended=$EPOCHREALTIME
    took=$(awk "BEGIN { print $ended - $started }")
    [ -n "${best[$name]:-}" ] || names+=("$name")
    best[$name]=$(awk "BEGIN { b = ${best[$name]:-1e9}; print ($took < b) ? $took : b }")
    [ "${memory[$name]:-0}" -gt $peak ] || memory[$name]=$peak
}

# Interleaved, so that all see the same machine.
for ((round = 0; round < rounds; round++)); do
    measure 'godwit capture -e FIELDS' $program capture "$file" -e $columns
    measure 'godwit capture' $program capture "$file"
    measure 'godwit capture --json' $program capture "$file" --json
    measure 'godwit stats' $program stats "$file"
    if hash tshark 2>/dev/null; then
        # shellcheck disable=SC2086
        measure 'tshark -T fields' tshark -n -r "$file" -Y mqtt -T fields -e ${columns//,/ -e }
    fi
done

echo "| $frames frames | seconds | frames/s | x tshark | MB |"
echo '|---|--:|--:|--:|--:|'
for name in "${names[@]}"; do
    awk -v name="$name" -v s="${best[$name]}" -v t="${best[tshark -T fields]:-0}" -v n="$frames" -v kb="${memory[$name]}" \
        'BEGIN { printf "| `%s` | %.2f | %d | %s | %d |\n", name, s, n / s, (t ? sprintf("%.1f", t / s) : ""), kb / 1024 }'
done
