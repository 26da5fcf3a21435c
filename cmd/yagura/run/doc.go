// Package run wires the rooms to a running yagura.
//
//	listeners ─► packer ─► bus ─┬─► detect ─► verdicts, alerts ─┬─► alert ─► mail
//	                            └─► store ◄─────────────────────┘
//	                                  │
//	                                  └─► engine (child) ◄─ console, query
//
// Main starts what a configuration asks for and stops it in the order of the data:
// nothing that was accepted is lost, whatever dies. Each stage is a loop over a
// bus.Reader that commits after its effect is durable.
package run
