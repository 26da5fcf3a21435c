// Package event holds yagura's nouns: Field (an interned ECS name), Draft (one
// event while it is parsed), Block (many events of one tenant, the unit that
// travels), Event (a view into a block), Verdict and Alert.
//
// Every room speaks in these words and imports this package; it imports the
// standard library and the block codec only.
//
// # Zero copy
//
// A line is copied once, into the Draft; its fields are then (offset, length)
// pairs into that copy. Builder.Append copies the draft into the block. A
// decoded Block is one buffer, and each Event, each value, is a slice of it:
// reading allocates nothing, and nothing is parsed again behind the bus.
//
// # Bounds
//
// A raw line is at most MaxRaw bytes, a field value MaxValue, an event holds at
// most MaxFields fields and a block MaxEvents events. What exceeds a bound is
// cut and flagged, never dropped silently.
package event
