// Package agent is the host agent: it reads log files, the journal and other
// inputs of a host, keeps what it read in a spool of its own on disk, and brings it
// to yagura over mutual TLS.
//
//	files ─────┐
//	journald ──┼─► collector ─► spool (segments, synced) ─► sender ─► yagura
//	winlog ────┘    one goroutine                            one goroutine
//
// An input's position and the records read up to it become durable in one write: a
// record is in the spool exactly once, whatever kills the agent. Each record has a
// sequence; the server keeps which sequences it has on disk and drops what comes a
// second time. So a line of a file is stored once, or, while it is on the host,
// not yet.
//
// Bounds: the spool has a size; when it is full the inputs are not read, and files
// wait where they are. Records are at most MaxRaw bytes (longer lines are cut, and
// say so), a request at most 1 MiB of records, memory a few MiB.
//
// The package imports no other package of yagura. Its wire format is read by ingest/agent.
package agent
