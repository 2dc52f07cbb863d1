#!/usr/bin/env bash
# From the first start to a city at rest: bench/idle.sh [--scale S]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scale=1
if [ "${1:-}" = --scale ] && [ $# = 2 ]; then scale=$2; elif [ $# != 0 ]; then echo "Usage: bench idle [--scale S]" >&2; exit 2; fi
for tool in curl pgrep; do
  command -v "$tool" >/dev/null || { echo "bench idle needs $tool: install it." >&2; exit 1; }
done
mkdir -p bench/results bench/target
home=$(mktemp -d bench/target/idle-XXXXXX)
log="bench/results/idle-$(date -u +%F).log"
[ "$scale" = 1 ] || log="bench/target/idle-$(date -u +%F).log"
hub=

finish() { [ -z "$hub" ] || { kill "$hub" 2>/dev/null && wait "$hub" || true; }; rm -rf "$home"; }
trap finish EXIT
say() { printf '%s\n' "$*" | tee -a "$log"; }
now() { date +%s%N; }
seconds() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.1f", (to - from) / 1e9 }'; }
load() { cut -d' ' -f1 /proc/loadavg; }

# Starts the hub and waits for its first page.
start() {
  local began; began=$(now)
  bin/run --home "$home" --port 0 --scale "$scale" >"$home/output" 2>&1 &
  hub=$!
  until [ -s "$home/run/hub.json" ] && address=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' "$home/run/hub.json") &&
    curl -fsS -o /dev/null "$address" 2>/dev/null; do
    kill -0 "$hub" 2>/dev/null || { cat "$home/output" >&2; exit 1; }
    sleep 0.05
  done
  say "first page after the $1 start       $(seconds "$began") s   (load $(load))"
}

stop() { kill "$hub"; wait "$hub" || true; hub=; }

# How many sources there are, and how many of their runs have ended.
ended() {
  curl -fsS -H "Authorization: Bearer $(cat "$home/secrets/operator.token")" "${address}api/sources" |
    grep -o '"state":"\(COMPLETE\|INCOMPLETE\|FAILED\|CANCELLED\)"' | wc -l
}

tree() { local child; echo "$1"; for child in $(pgrep -P "$1"); do tree "$child"; done; }

# Proportional set size: shared pages count once over all processes that share them.
memory() {
  local pid pss name total=0 h=0 w=0 p=0
  for pid in $(tree "$hub"); do
    pss=$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup" 2>/dev/null || echo 0)
    name=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null || true)
    case "$name" in
      *java*" worker "*) w=$((w + pss)) ;;
      *java*) h=$((h + pss)) ;;
      *) p=$((p + pss)) ;;
    esac
    total=$((total + pss))
  done
  say "memory $1       $((total / 1024)) MiB   hub $((h / 1024)), worker $((w / 1024)), PostgreSQL $((p / 1024))"
}

: >"$log"
say "The demo city at scale $scale, $(date -u +%FT%TZ)"
say "machine   $(nproc) processors ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)), $(awk '/^MemTotal/ { printf "%.1f", $2 / 1048576 }' /proc/meminfo) GiB, Linux $(uname -r | sed 's/-.*//')"
say "software  $("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | head -n 1)"
start first
began=$(now)
until [ "$(ended)" = 13 ]; do
  kill -0 "$hub" || exit 1
  sleep 0.25
done
say "city made and collected, after that   $(seconds "$began") s   (load $(load))"
sleep 30
memory "30 s after the collection"
stop
start next
sleep 30
memory "30 s after a fresh start "
say "The log is $log"
