package engine

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// pool bounds the statements that run in parallel for one role and keeps idle
// connections by their settings. Opening one costs about a third of a
// millisecond, so another set of settings is simply another connection; nothing
// that one client sets can reach the statement of another.
type pool struct {
	lib   *library
	base  []string // arguments of every connection
	slots chan struct{}
	wait  time.Duration
	seq   *atomic.Uint64

	mu     sync.Mutex
	idle   []*conn // oldest first
	closed bool
}

func newPool(lib *library, base []string, size int, wait time.Duration, seq *atomic.Uint64) *pool {
	return &pool{lib: lib, base: base, slots: make(chan struct{}, size), wait: wait, seq: seq}
}

// acquire waits for a place and returns what gives it back.
func (p *pool) acquire(ctx context.Context) (release func(), err error) {
	free := func() { <-p.slots }
	select {
	case p.slots <- struct{}{}:
		return free, nil
	default:
	}
	t := time.NewTimer(p.wait)
	defer t.Stop()
	select {
	case p.slots <- struct{}{}:
		return free, nil
	case <-ctx.Done():
		return nil, exception(codeCancelled, "the client left while it waited for a free connection")
	case <-t.C:
		return nil, exception(codeTooManyQueries, "Too many simultaneous queries. Maximum: %d", cap(p.slots))
	}
}

// get returns a connection with these settings and current database. The caller
// holds a place.
func (p *pool) get(set []setting, database string) (*conn, error) {
	key := database + "\x00" + fmt.Sprint(set)
	if c := p.take(key); c != nil {
		return c, nil
	}
	id := fmt.Sprintf("yagura-%d", p.seq.Add(1))
	args := append([]string(nil), p.base...)
	for _, s := range set {
		args = append(args, "--"+s.name+"="+s.value)
	}
	c, err := dial(p.lib, append(args, "--log_comment="+id))
	if err != nil {
		var names []string
		for _, s := range set {
			names = append(names, s.name)
		}
		return nil, exception(codeBadArguments, "%v; settings sent: %s", err, strings.Join(names, ", "))
	}
	c.id, c.key = id, key
	if database != "" && database != "default" {
		if _, err := c.query(statement{sql: "USE " + quoteName(database)}, nil); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

func (p *pool) take(key string) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.idle) - 1; i >= 0; i-- {
		if c := p.idle[i]; c.key == key {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return c
		}
	}
	return nil
}

// put keeps a connection for the next statement, or closes it when its session
// may have changed.
func (p *pool) put(c *conn, clean bool) {
	p.mu.Lock()
	var out *conn
	switch {
	case !clean || p.closed:
		out = c
	case len(p.idle) >= cap(p.slots):
		out = p.idle[0]
		p.idle = append(p.idle[1:], c)
	default:
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	if out != nil {
		out.close()
	}
}

// close closes the idle connections; those in use close when they come back.
func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, c := range idle {
		c.close()
	}
}
