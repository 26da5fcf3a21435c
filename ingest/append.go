package ingest

import (
	"context"
	"time"

	"yagura/internal/event"
)

// Append takes the draft, waiting while there is no room: the caller stops
// reading, and so the pressure walks back to the sender. The draft may be reused
// when it returns.
func (p *Packer) Append(ctx context.Context, d *event.Draft) error {
	_, err := p.AppendBlock(ctx, d)
	return err
}

// AppendBlock is Append that tells which block took the draft: see Watch.
func (p *Packer) AppendBlock(ctx context.Context, d *event.Draft) (block uint64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if block = p.append(d); block > 0 {
		return block, nil
	}
	p.stats.Waits.Add(1)
	stop := context.AfterFunc(ctx, p.wakeAll)
	defer stop()
	for {
		if block = p.append(d); block > 0 {
			return block, nil
		}
		if p.stopped {
			return 0, ErrStopped
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		p.room.Wait()
	}
}

func (p *Packer) wakeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.room.Broadcast()
}

// append puts the draft into the current block, seals it when it is full, and
// returns its number; 0: there is no room.
func (p *Packer) append(d *event.Draft) (block uint64) {
	if p.stopped || (p.full() && !p.seal()) {
		return 0
	}
	if p.cur.Len() == 0 {
		p.since = time.Now()
		p.nudge()
	}
	p.cur.Append(d)
	block = p.seals + 1
	if p.full() {
		p.seal()
	}
	return block
}
