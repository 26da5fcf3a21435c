// Package engine puts the embedded ClickHouse engine (libchdb) behind
// ClickHouse's own HTTP interface, so that clickhouse-go, Grafana's data source
// and curl speak to it exactly as they would to a server.
//
//	store, console ─ clickhouse-go ─┐ unix socket            ┌─ writer connections ─┐
//	                                ├────────────► Server ───┤                      ├─ libchdb.so ─ data
//	Grafana, curl ───────── HTTP ───┘ loopback TCP           └─ readonly=1 conns ───┘
//
// [Server] is the whole life of the child process `yagura engine`; [Child]
// starts, watches and restarts that process from `yagura up`. The library is
// never opened in the main process: a fault in it would take everything along.
//
// Guarantees: an INSERT is answered 200 only after the engine has committed it;
// a read-only account cannot write, read files or networks, or lift its limits;
// a second engine on one data folder is refused; the child ends with its parent.
//
// Bounds: parallel statements per role, request size before and after
// decompression, statement length, result bytes held in memory, server memory
// and time per statement are all settings with defaults, see [Config].
package engine
