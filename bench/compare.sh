#!/usr/bin/env bash
# Compares brokers on this machine: the C floor, Debian's mosquitto and Godwit, scenario by scenario, interleaved, so that whatever else
# the machine does hits all of them alike. Prints medians; the raw results stay in artifacts/bench. See bench/README.md.
set -u

usage() {
    cat <<'END'
bench/compare.sh [--scenarios LIST] [--peers LIST] [--runs N] [--quick] [--markdown] [--list]

  --scenarios LIST  comma-separated names (default: p2p, fanin and fanout at QoS 0, 1 and 2, then idle)
  --peers LIST      comma-separated, of floor, mosquitto, godwit (default: all of them)
  --runs N          runs per scenario and peer (default 3)
  --quick           one short run of each: shows that everything works, the figures say little
  --markdown        prints the tables as Markdown, for docs/performance.md
  --list            prints the names of all scenarios

GODWIT_BROKER_ARGS  further options for `godwit broker`
END
}

root=$(cd "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd) || exit 1
out=$root/artifacts/bench
default_scenarios=p2p-0,p2p-1,p2p-2,fanin-0,fanin-1,fanin-2,fanout-0,fanout-1,fanout-2,idle
more_scenarios=large-0,single-0,paced-0,connect
scenarios=$default_scenarios peers=floor,mosquitto,godwit runs=3 quick='' markdown=''

while [ $# -gt 0 ]; do
    case $1 in
        --scenarios | --peers | --runs)
            [ $# -ge 2 ] || { usage >&2; exit 2; }
            case $1 in --scenarios) scenarios=$2 ;; --peers) peers=$2 ;; --runs) runs=$2 ;; esac
            shift ;;
        --quick) quick=1 runs=1 ;;
        --markdown) markdown=--markdown ;;
        --list) tr , '\n' <<<"$default_scenarios,$more_scenarios"; exit 0 ;;
        --help | -h) usage; exit 0 ;;
        *) printf 'compare.sh: unknown option %s\n' "$1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done

note() { printf 'compare.sh: %s\n' "$*" >&2; }
fail() { note "$*"; exit 1; }

# ---- scenarios ---------------------------------------------------------------------------------------------------------------------------

# load NAME PEER: sets `arguments` to mqload's, with enough messages for one to two seconds at that peer; false if the peer cannot do it.
load() {
    local shape=${1%-*} qos=${1##*-} slow='' messages warmup divisor=${quick:+5}
    [ "$2" != mosquitto ] || slow=1
    case $1 in *-2) [ "$2" != floor ] || return 1 ;; esac
    case $1 in
        p2p-0) messages=${slow:+200000} messages=${messages:-2000000} ;;
        p2p-1) messages=${slow:+100000} messages=${messages:-1500000} ;;
        p2p-2) messages=${slow:+60000} messages=${messages:-500000} ;;
        fanin-0) messages=${slow:+200000} messages=${messages:-3000000} ;;
        fanin-1) messages=${slow:+100000} messages=${messages:-2500000} ;;
        fanin-2) messages=${slow:+50000} messages=${messages:-1000000} ;;
        fanout-0) messages=${slow:+400} messages=${messages:-5000} ;;
        fanout-1) messages=${slow:+300} messages=${messages:-4000} ;;
        fanout-2) messages=${slow:+200} messages=${messages:-2000} ;;
        large-0) messages=${slow:+60000} messages=${messages:-200000} ;;
        single-0) messages=150000 ;;
        paced-0) messages=40000 ;;
        connect) messages=20000 ;;
        idle) messages=10000 ;;
        *) fail "no such scenario: $1 (see --list)" ;;
    esac
    warmup=${slow:+50000} warmup=${warmup:-100000}
    messages=$((messages / ${divisor:-1})) warmup=$((warmup / ${divisor:-1}))
    arguments=(--qos "$qos" --messages "$messages" --warmup "$warmup")
    case $shape in
        fanout) arguments=(--scenario fanout --qos "$qos" --messages "$messages" --warmup $((warmup / 500))) ;;
        large) arguments=(--scenario p2p "${arguments[@]}" --payload 16384 --window 4) ;;
        single) arguments=(--scenario p2p "${arguments[@]}" --window 1) ;;
        paced) arguments=(--scenario p2p "${arguments[@]}" --rate 20000) ;;
        connect) arguments=(--scenario connect --messages "$messages") ;;
        idle) arguments=(--scenario idle --conns "$messages" --hold $((quick ? 1 : 3))) ;;
        *) arguments=(--scenario "$shape" "${arguments[@]}") ;;
    esac
}

# ---- peers -------------------------------------------------------------------------------------------------------------------------------

declare -A pid_of port_of
work=$(mktemp -d)

stop_peer() {
    local pid=${pid_of[$1]-}
    [ -n "$pid" ] || return 0
    unset "pid_of[$1]"
    kill "$pid" 2>/dev/null
    for _ in {1..50}; do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
}

generator=''
stop_everything() {
    local peer
    [ -z "$generator" ] || kill "$generator" 2>/dev/null
    for peer in "${!pid_of[@]}"; do stop_peer "$peer"; done
    rm -rf "$work"
}
trap stop_everything EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start_peer NAME: a fresh process on a free port of the loopback interface.
start_peer() {
    local port log=$out/$1.log
    port=$(free_port) || return 1
    case $1 in
        floor) "$out/floor" "$port" >"$log" 2>&1 & ;;
        mosquitto)
            cat >"$work/mosquitto.conf" <<END
listener $port 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
max_inflight_messages 0
set_tcp_nodelay true
log_type error
END
            mosquitto -c "$work/mosquitto.conf" >"$log" 2>&1 & ;;
        # shellcheck disable=SC2086 # several options in one variable
        godwit) "$root/godwit" broker -p "$port" ${GODWIT_BROKER_ARGS-} >"$log" 2>&1 & ;;
    esac
    pid_of[$1]=$! port_of[$1]=$port
    for _ in {1..100}; do
        ! (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 0
        kill -0 "${pid_of[$1]}" 2>/dev/null || break
        sleep 0.1
    done
    note "$1 does not listen: $(tail -n 3 "$log")"
    stop_peer "$1"
    return 1
}

is_available() {
    case $1 in
        floor) return 0 ;;
        mosquitto) PATH=$PATH:/usr/sbin; hash mosquitto 2>/dev/null ;;
        godwit) [ -d "$root/src/Godwit.Cli" ] && "$root/godwit" --version >/dev/null ;;
        *) fail "no such peer: $1" ;;
    esac
}

# ---- measuring ---------------------------------------------------------------------------------------------------------------------------

# measure SCENARIO PEER RUN: one run of the generator; its JSON line goes to the results with peer, name and run in front.
measure() {
    local line
    "$out/mqload" "${arguments[@]}" --port "${port_of[$2]}" --broker-pid "${pid_of[$2]}" >"$work/line" 2>"$work/error" &
    generator=$!
    wait "$generator"
    generator=''
    line=$(head -n 1 "$work/line")
    case $line in
        '{'*) ;;
        *) note "$1 at $2: $(tail -n 1 "$work/error")"; return ;;
    esac
    printf '{"peer":"%s","name":"%s","run":%d,%s\n' "$2" "$1" "$3" "${line#\{}" >>"$results"
}

hash gcc python3 2>/dev/null || fail 'needs gcc and python3'
mkdir -p "$out"
for program in mqload floor; do
    if [ ! "$out/$program" -nt "$root/bench/$program.c" ]; then
        gcc -O2 -w -o "$out/$program" "$root/bench/$program.c" || exit 1
    fi
done
ulimit -n "$(ulimit -Hn)"
results=$out/results-$(date +%Y%m%d-%H%M%S).jsonl
: >"$results"

IFS=, read -r -a scenario_list <<<"$scenarios"
IFS=, read -r -a peer_list <<<"$peers"
for scenario in "${scenario_list[@]}"; do load "$scenario" any; done
running=()
for peer in "${peer_list[@]}"; do
    if is_available "$peer"; then running+=("$peer"); else note "$peer is not available here: left out"; fi
done
[ ${#running[@]} -gt 0 ] || fail 'nothing to measure'

for scenario in "${scenario_list[@]}"; do
    for ((run = 1; run <= runs; run++)); do
        note "$scenario, run $run of $runs"
        for peer in "${running[@]}"; do
            load "$scenario" "$peer" || continue
            # Memory per idle connection shows in a process that has not had connections before.
            [ "$scenario" != idle ] || stop_peer "$peer"
            if [ -z "${pid_of[$peer]-}" ]; then start_peer "$peer" || continue; fi
            measure "$scenario" "$peer" "$run"
        done
    done
done

python3 "$root/bench/table.py" $markdown "$results"
note "raw results: ${results#"$root"/}"
