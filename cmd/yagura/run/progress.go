package run

import "sync/atomic"

// progress is how far a stage has come in the events stream.
type progress struct{ seq atomic.Uint64 }

func (p *progress) set(seq uint64) { p.seq.Store(seq) }
func (p *progress) get() uint64    { return p.seq.Load() }
