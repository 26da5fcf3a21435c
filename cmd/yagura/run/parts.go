package run

import (
	"context"
	"errors"
	"fmt"
	"runtime/pprof"
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
	errs    []error
	fault   context.Context // ends with the first fault
	fail    context.CancelFunc
}

func newParts() *parts {
	p := &parts{}
	p.fault, p.fail = context.WithCancel(context.Background())
	return p
}

// start runs f until stop, or until it ends by itself: with an error that stops
// yagura, without one that is fine. A CPU profile tells the parts apart by the label
// "part".
func (p *parts) start(name string, f func(context.Context) error) *part {
	ctx, cancel := context.WithCancel(context.Background())
	one := &part{name: name, cancel: cancel, done: make(chan struct{})}
	p.mu.Lock()
	p.running = append(p.running, one)
	p.mu.Unlock()
	go func() {
		defer close(one.done)
		defer cancel()
		var err error
		pprof.Do(ctx, pprof.Labels("part", name), func(ctx context.Context) { err = f(ctx) })
		if err != nil {
			p.mu.Lock()
			p.errs = append(p.errs, fmt.Errorf("%s: %w", name, err))
			p.mu.Unlock()
			p.fail()
		}
	}()
	return one
}

// err joins the faults of all parts so far.
func (p *parts) err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Join(p.errs...)
}

// stop ends a part and waits for it.
func (p *part) stop() {
	p.cancel()
	<-p.done
}

// stopNamed ends all parts whose name begins so, together, and waits for them.
func (p *parts) stopNamed(prefix string) {
	p.mu.Lock()
	var found []*part
	for _, one := range p.running {
		if strings.HasPrefix(one.name, prefix) {
			one.cancel()
			found = append(found, one)
		}
	}
	p.mu.Unlock()
	for _, one := range found {
		<-one.done
	}
}

// stopAll ends what still runs, newest first.
func (p *parts) stopAll() {
	p.mu.Lock()
	running := p.running
	p.running = nil
	p.mu.Unlock()
	for i := len(running) - 1; i >= 0; i-- {
		running[i].stop()
	}
	p.fail()
}
