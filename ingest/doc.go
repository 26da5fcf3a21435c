// Package ingest is the first stage: it gathers parsed drafts into blocks and
// puts them on the bus.
//
//	listeners (syslog/, agent/), imports (archive/) ─► parse/ ─► enrich/ ─► Packer ─► bus
//
// A line counts as accepted when its block is on the bus's disk. Until then it is
// in memory: at most Depth+2 blocks. A clean stop loses none of it: what the bus
// does not take is written to the spool folder and published at the next start.
package ingest
