package run

import (
	"context"
	"fmt"
	"strings"
	"sync"
)

// part is a running component. Parts are stopped one by one, in the order of the
// data, so that what one hands on the next still takes.
type part struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
}

// parts starts components and gathers their faults.
type parts struct {
	mu      sync.Mutex
	running []*part
	failed  chan error // the first fault of a part that was not stopped
}

func newParts() *parts { return &parts{failed: make(chan error, 1)} }

// start runs f until stop, or until it ends by itself: with an error that stops
// yagura, without one that is fine.
func (p *parts) start(name string, f func(context.Context) error) *part {
	ctx, cancel := context.WithCancel(context.Background())
	one := &part{name: name, cancel: cancel, done: make(chan struct{})}
	p.mu.Lock()
	p.running = append(p.running, one)
	p.mu.Unlock()
	go func() {
		defer close(one.done)
		if err := f(ctx); err != nil {
			select {
			case p.failed <- fmt.Errorf("%s: %w", name, err):
			default:
			}
		}
	}()
	return one
}

// stop ends a part and waits for it.
func (p *part) stop() {
	if p == nil {
		return
	}
	p.cancel()
	<-p.done
}

// stopAll ends what still runs, newest first.
func (p *parts) stopAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.running) - 1; i >= 0; i-- {
		p.running[i].stop()
	}
	p.running = nil
}

// named returns the parts whose name begins so.
func (p *parts) named(prefix string) (found []*part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.running {
		if strings.HasPrefix(one.name, prefix) {
			found = append(found, one)
		}
	}
	return found
}
