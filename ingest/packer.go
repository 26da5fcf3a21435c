package ingest

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"yagura/internal/event"
)

// Publisher is the bus as the packer sees it. PublishBlock returns the sequence
// once the block is on disk; it waits while there is no room and until ctx ends.
// Publishing a block again is safe.
type Publisher interface {
	PublishBlock(ctx context.Context, id event.ID, packed []byte) (seq uint64, err error)
}

// Config says how blocks are cut. The zero values are the defaults.
type Config struct {
	Tenant string
	Node   string
	Epoch  uint64        // Unix nanoseconds of this start
	Events int           // events of a block; 0 is event.MaxEvents
	Bytes  int           // bytes of a block before packing; 0 is 2 MiB
	Linger time.Duration // how long the first event of a block waits at most; 0 is 20 ms
	Depth  int           // sealed blocks that may wait for the bus; 0 is 4
	Spool  string        // folder for blocks that the bus did not take before a stop; "" drops them
	Grace  time.Duration // how long a stop tries to publish what is left; 0 is 10 s
}

func (c *Config) defaults() {
	if c.Events == 0 || c.Events > event.MaxEvents {
		c.Events = event.MaxEvents
	}
	if c.Bytes == 0 || c.Bytes > event.MaxBlock {
		c.Bytes = 2 << 20
	}
	if c.Linger == 0 {
		c.Linger = 20 * time.Millisecond
	}
	if c.Depth == 0 {
		c.Depth = 4
	}
	if c.Grace == 0 {
		c.Grace = 10 * time.Second
	}
}

// ErrStopped is returned by Append once Run has begun to drain.
var ErrStopped = errors.New("the packer has stopped")

// Packer gathers drafts of all listeners into blocks and publishes them in order.
// Safe for concurrent use.
type Packer struct {
	cfg Config
	pub Publisher
	log *slog.Logger

	mu      sync.Mutex
	room    *sync.Cond
	cur     *event.Builder
	since   time.Time // when cur got its first event
	tallies tallies
	stopped bool

	sealed chan *event.Builder
	seals  uint64 // blocks handed over
	hurry  bool   // see Hurry
	free   chan *event.Builder
	wake   chan struct{}
	seq    uint64
	packed []byte
	stats  Stats

	watching sync.Mutex
	watchers []*watcher
}

// Stats counts what the packer did. Read it with Packer.Stats.
type Stats struct {
	Blocks, Events, Wire, Packed atomic.Uint64 // published: accepted
	Waits                        atomic.Uint64 // times that Append waited for room
	Spooled, Lost                atomic.Uint64 // events kept for the next start; that could not be kept
}

// NewPacker makes a packer; Run publishes.
func NewPacker(cfg Config, pub Publisher, log *slog.Logger) *Packer {
	cfg.defaults()
	p := &Packer{
		cfg: cfg, pub: pub, log: log, cur: &event.Builder{}, tallies: tallies{},
		sealed: make(chan *event.Builder, cfg.Depth),
		free:   make(chan *event.Builder, cfg.Depth+2),
		wake:   make(chan struct{}, 1),
	}
	p.room = sync.NewCond(&p.mu)
	return p
}

// Stats returns the live counters.
func (p *Packer) Stats() *Stats { return &p.stats }

// Tally books a change; it travels in the next block.
func (p *Packer) Tally(t event.Tally) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tallies.add(t)
	p.nudge()
}

func (p *Packer) full() bool {
	return p.cur.Len() >= p.cfg.Events || p.cur.Size() >= p.cfg.Bytes
}

// seal hands the current block over; false when the queue is full.
func (p *Packer) seal() bool {
	if len(p.sealed) == cap(p.sealed) {
		return false
	}
	p.tallies.drain(p.cur)
	p.sealed <- p.cur // never blocks: only holders of the lock send
	p.seals++
	p.hurry = false
	select {
	case p.cur = <-p.free:
	default:
		p.cur = &event.Builder{}
	}
	return true
}

func (p *Packer) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Run publishes until ctx ends, then drains: nothing that Append took is lost. A
// block that is being published then, and what follows, has Config.Grace to get
// through; after that it is spooled.
func (p *Packer) Run(ctx context.Context) error {
	if err := p.replaySpool(ctx); err != nil {
		return err
	}
	work, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(p.cfg.Grace, giveUp)
		context.AfterFunc(work, func() { timer.Stop() })
	})()
	for ctx.Err() == nil {
		select {
		case b := <-p.sealed:
			p.publish(work, b)
			continue
		default:
		}
		wait, due := p.due()
		if due {
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case b := <-p.sealed:
			p.publish(work, b)
		case <-p.wake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	p.drain(work)
	return nil
}

// idleTally is how long a change of the books waits for a block with events.
const idleTally = time.Second

// due seals the current block when its first event has waited long enough, and
// returns how long to wait otherwise.
func (p *Packer) due() (wait time.Duration, sealed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.cur.Len() > 0:
		if wait = p.cfg.Linger - time.Since(p.since); wait > 0 && !p.hurry {
			return wait, false
		}
		return 0, p.seal()
	case p.tallies.pending():
		if wait = idleTally - time.Since(p.tallies.since()); wait > 0 {
			return wait, false
		}
		return 0, p.seal()
	}
	return time.Minute, false
}

// publish encodes, packs and stores one block, spooling it when ctx ends first.
func (p *Packer) publish(ctx context.Context, b *event.Builder) {
	p.seq++
	id := event.ID{Tenant: p.cfg.Tenant, Node: p.cfg.Node, Epoch: p.cfg.Epoch, Seq: p.seq}
	wire := b.Seal(id, time.Now())
	p.packed = event.Pack(p.packed, wire)
	n := uint64(b.Len())
	_, err := p.pub.PublishBlock(ctx, id, p.packed)
	if err != nil {
		err = p.keep(id, p.packed, n, err)
	} else {
		p.stats.Blocks.Add(1)
		p.stats.Events.Add(n)
		p.stats.Wire.Add(uint64(len(wire)))
		p.stats.Packed.Add(uint64(len(p.packed)))
	}
	p.tell(p.seq, err)
	b.Reset()
	select {
	case p.free <- b:
	default:
	}
	p.wakeAll()
}

// drain stops taking and publishes what is left, spooling it when ctx ends first.
func (p *Packer) drain(ctx context.Context) {
	p.mu.Lock()
	p.stopped = true
	last := p.cur
	p.tallies.drain(last)
	p.room.Broadcast()
	p.mu.Unlock()
	for {
		select {
		case b := <-p.sealed:
			p.publish(ctx, b)
			continue
		default:
		}
		if !last.Empty() {
			p.publish(ctx, last)
		}
		return
	}
}
