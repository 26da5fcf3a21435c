// Package detect is the streaming detection engine: blocks of events in, verdicts
// and alerts out.
//
// Its place: behind the bus, beside store. Package sigma reads the rule files;
// this package compiles them once, at load, into an immutable Program; an Engine
// holds the state (windows, suppression) that one tenant's events change.
//
//	rule files ─► sigma ─► Load ─► Program ─┐
//	                                        ├─► Engine.Block(block) ─► verdict, alerts
//	mapping/*.yaml (log sources, fields) ───┘
//
// # How an event is matched
//
// The event's fields are spread over slots (a slot is a rule's field name after
// mapping). A few dispatch slots (parser, channel, event code …) name the event's
// class; a class knows which rules can apply to it and is built once. Exact values
// are found in a hash map for each slot, all literals of a slot's patterns in one
// pass of a case-folding Aho-Corasick automaton over its value. What is found
// wakes the rules that need it; only those are evaluated, lazily. Wildcards,
// regular expressions and networks are tried last, and only when a literal that
// they need was seen.
//
// # Guarantees
//
// An Engine is a pure function of its state and the events: it reads no clock,
// does no I/O, starts no goroutine. The same events give the same alerts, byte
// for byte, also when a checkpoint was restored between any two blocks. A rule
// matches exactly when sigma.Naive says so.
//
// # Bounds
//
// Every map has a bound in EngineConfig; what is evicted is the oldest, and is
// counted in Stats.
package detect
