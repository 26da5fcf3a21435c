package ingest

import "slices"

// watcher is told of blocks.
type watcher struct{ told func(block uint64, err error) }

// Watch calls told after each block, in their order: with nil once it is on disk (on
// the bus's, or in the spool), else with why it is nowhere. told must not block. stop
// ends it.
func (p *Packer) Watch(told func(block uint64, err error)) (stop func()) {
	w := &watcher{told}
	p.watching.Lock()
	defer p.watching.Unlock()
	p.watchers = append(p.watchers, w)
	return func() {
		p.watching.Lock()
		defer p.watching.Unlock()
		p.watchers = slices.DeleteFunc(p.watchers, func(o *watcher) bool { return o == w })
	}
}

func (p *Packer) tell(block uint64, err error) {
	p.watching.Lock()
	defer p.watching.Unlock()
	for _, w := range p.watchers {
		w.told(block, err)
	}
}

// Hurry publishes the block being gathered as soon as the bus is free, without the
// rest of Config.Linger: a sender says nothing more before it has its answers.
func (p *Packer) Hurry() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cur.Len() > 0 && !p.hurry {
		p.hurry = true
		p.nudge()
	}
}
