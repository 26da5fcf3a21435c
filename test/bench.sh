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
budget "parse to fields 600 ns; an sshd line at most 1 µs and 2 allocations"; bench ingest/parse 'SSHD$|FortiGate|Squid|CiscoASA|Header5424'
budget "enrich: part of parse"; bench ingest/enrich 'Enrich'
budget "block, s2, synced publish 800 ns; encode and decode at most 300 ns without packing"; bench internal/event 'Encode|Pack'
bench ingest 'Packer'
bench internal/bus 'PublishSynced'
budget "detect 1,000 ns at 2,900 rules; own rules at most 1.5 µs"; bench detect 'OwnRules|HQShape'
budget "columns and Native block 300 ns; ClickHouse insert and merges 3,000 ns"; bench internal/store 'Columns|Insert|Rollups'
echo
echo "== receive to the bus: real sockets, every block synced, the sender apart; CPU µs of an event"
go test -run '^$' -bench ReceiveToBus -benchtime "${BENCHLINES:-300000}x" ./test/ 2>&1 | awk '
  /^BenchmarkReceiveToBus/ { split($1, n, "[/-]"); for (i = 3; i < NF; i++) if ($(i + 1) == "cpu-µs/event") { if (n[2] == "tcp") tcp = $i; cpu[++k] = $i; name[k] = n[2] } }
  /FAIL/ { print }
  END { for (i = 1; i <= k; i++) printf "   %-6s %7.2f   %5.2f times TCP\n", name[i], cpu[i], tcp ? cpu[i] / tcp : 0 }'
echo
echo "== parse beside go-syslog v3 and one expression, ns of a line"
go test -run '^$' -bench ParseBeside -benchtime "$time" ./test/ 2>&1 | awk '
  /^BenchmarkParseBeside.*yagura/ && !/go-syslog/ { split($1, n, "/"); ours = $3 }
  /^BenchmarkParseBeside.*go-syslog/ { printf "   %-10s yagura %6.0f   beside %6.0f   %5.2f times yagura\n", n[2], ours, $3, $3 / ours }
  /FAIL/ { print }'
echo
echo "== the whole"
YAGURA_BENCH=1 go test -count=1 -timeout 30m -v -run '^TestBench$' ./test/ 2>&1 | grep -vE '^=== '
