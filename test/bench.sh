#!/usr/bin/env bash
# Figures, never pass or fail on time: each part by itself beside its budget, then
# everything end to end. YAGURA_BENCH_RATE and YAGURA_BENCH_SECONDS set the load,
# BENCHTIME how long each part is measured.
set -uo pipefail
cd "$(dirname "$0")/.."
time=${BENCHTIME:-500ms}
export CGO_ENABLED=0
mkdir -p var

echo "yagura $(git describe --always --dirty 2>/dev/null), $(go env GOVERSION), $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2-), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
echo
echo "== the parts (CPU of one event, as the benchmarks tell it)"
budget() { printf '   budget: %s\n' "$*"; }
bench() { # package, pattern
  go test -run '^$' -bench "$2" -benchtime "$time" -benchmem "./$1/" 2>&1 | grep -E '^Benchmark|FAIL|cannot|undefined' || echo "   no figures of ./$1"
}
budget "receive and frame 130 ns (UDP 1,300)"; bench ingest/syslog 'Framer|TCP|UDP'
budget "parse to fields 600 ns; an sshd line at most 1 µs and 2 allocations"; bench ingest/parse 'SSHD$|FortiGate|Squid|CiscoASA|Header5424|Custom$'
budget "enrich: part of parse"; bench ingest/enrich 'Enrich'
budget "block, s2, synced publish 800 ns; encode and decode at most 300 ns without packing"; bench internal/event 'Encode|Pack'
bench ingest 'Packer'
bench internal/bus 'PublishSynced'
budget "detect 1,000 ns at 2,900 rules; own rules at most 1.5 µs"; bench detect 'OwnRules|HQShape'
budget "columns and Native block 300 ns; ClickHouse insert and merges 3,000 ns"; bench internal/store 'Columns|Insert|Rollups'
budget "10,000 idle connections: bytes of each"; time=1x bench ingest/syslog 'IdleConnections'
budget "the host agent: 10,000 lines read, spooled, synced and packed"; time=20x bench internal/agent 'Agent10kLines'
echo
echo "== receive to the bus: real sockets, every block synced, the sender apart; CPU µs of an event"
# In the package's folder go test hands on each line as it comes; so does read.
tcp="" rows=0
while read -r name rest; do
  case $name in
  BenchmarkReceiveToBus/*)
    [[ $rest =~ ([0-9.]+)\ cpu-µs/event ]] || continue
    name=${name#*/} name=${name%%-*} cpu=${BASH_REMATCH[1]} rows=$((rows + 1))
    [ "$name" = tcp ] && tcp=$cpu
    printf '   %-6s %7.2f\n' "$name" "$cpu"
    measured="${measured:-} $name $cpu" ;;
  FAIL | ---* | panic:* | *bench_test.go:*) echo "   $name $rest" ;;
  esac
done < <(cd test && go test -run '^$' -bench ReceiveToBus -benchtime "${BENCHLINES:-300000}x" -timeout 8m . 2>&1)
[ "$rows" = 0 ] && echo "   no figures"
[ -n "$tcp" ] && awk -v tcp="$tcp" -v all="$measured" 'BEGIN { n = split(all, w, " "); for (i = 1; i < n; i += 2) printf "   %-6s %7.2f times TCP\n", w[i], w[i + 1] / tcp }'
echo
echo "== parse beside go-syslog v3 and one expression, ns of a line"
ours="" rows=0
while read -r name _ ns _; do
  case $name in
  BenchmarkParseBeside/*go-syslog*)
    name=${name#*/} rows=$((rows + 1))
    awk -v n="${name%%/*}" -v us="$ours" -v it="$ns" 'BEGIN { printf "   %-10s yagura %6.0f   beside %6.0f   %5.2f times yagura\n", n, us, it, it / us }' ;;
  BenchmarkParseBeside/*yagura*) ours=$ns ;;
  FAIL | ---* | panic:* | *bench_test.go:*) echo "   $name" ;;
  esac
done < <(cd test && go test -run '^$' -bench ParseBeside -benchtime "$time" -timeout 8m . 2>&1)
[ "$rows" = 0 ] && echo "   no figures"
echo
echo "== the whole"
YAGURA_BENCH=1 go test -count=1 -timeout 30m -v -run '^TestBench$' ./test/ 2>&1 | grep --line-buffered -vE '^=== '
