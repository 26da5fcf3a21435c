// Package store keeps events, alerts, incidents and the books in ClickHouse: a
// server, or the embedded engine behind ClickHouse's own HTTP interface.
//
//	EVENTS + VERDICTS ─► Writer ─► events, rollups, blocks, dead ─► books, sources (materialized views of the small ones)
//	ALERTS, incidents ─► Writer ─► alert_log, incident_log
//	console, query, report ─► Query (read-only account) ─► views
//
// Guarantees: a line is stored once (a group's borders are fixed before the first
// try; the token, the identity and a count before every doubtful retry each keep
// a second copy out); a row of blocks says that its events are stored; nothing is
// deleted by age. Schema changes are numbered statements that resume after a kill.
//
// Bounds: one insert holds one partition (the day on which a block was sealed)
// and at most MaxRows rows and MaxBytes bytes; queries have limits of time, rows and memory.
package store
