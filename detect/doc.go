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
// # Rules' own keys
//
// Beside Sigma's keys a rule may say suppress (how long the same rule and group
// raise no second alert; 10m, 0 for never) and group (the fields that tell its
// alerts apart; else source.ip, user.name, host.name and destination.ip, as far as
// the event has them). A rule that only correlations with generate: false list does
// not alert on its own; that holds for correlations listed by others, too.
//
// # Windows
//
// Windows slide over the events' own time (Event.WindowNano): (t-timespan, t] for
// every event at t, exact in any order of arrival within EngineConfig.Lateness. A
// correlation fires when its condition becomes true and not again for a timespan.
// Conditions that a later event can undo (lt, lte, eq, neq, a not, mean, median,
// percentile) are asked once, when a timespan has passed since the group's first
// event, by the time of other events: a group that never appears, or a stream that
// stops, cannot fire. Of a field with several elements the first one is the group's
// or the counted value. A line that stands for several ("message repeated 3 times",
// yagura.repeat) counts as often as it says.
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
