// Package parse turns a raw line into an event's fields: the second half of
// ingest, between the listeners and the bus.
//
//	raw ─► decode (UTF-8, CP932, EUC-JP, ISO-2022-JP; line by line)
//	    ─► header (PRI; RFC 3164 as devices send it, or RFC 5424)
//	    ─► family (found by content: one file a device family; custom*.go: by configuration)
//	    ─► finish (host, program, message, clock)
//
// The draft's raw bytes are never changed and nothing is rejected: a line that
// nobody understands keeps its bytes, what was read of it, and
// event.FlagUnparsed; a damaged one says where it broke in yagura.anomaly and
// has event.FlagPartial.
//
// Headers are read by a scanner of our own, as most devices keep to neither RFC;
// github.com/influxdata/go-syslog/v3 is its reference in tests and is asked about
// what it does not read (reference.go says why not first).
//
// Bounds: event.MaxRaw bytes a line, event.MaxFields fields, JSON 32 deep, tags
// of 96 bytes. The hot path uses no regexp (but for a parser by configuration that asks
// for one), no reflection, no map of an event's
// own, and allocates nothing once the draft is warm.
package parse
