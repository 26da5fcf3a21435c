package alert

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// mendEvery is the least time between two rewrites that fail.
const mendEvery = time.Second

var errNoRoom = errors.New("rewrite: failed a moment ago")

// rewriteAt is the size from which the ledger is rewritten when it has doubled.
const rewriteAt = 4 << 20

// snapshot is the state as records: the beginning of a new ledger.
func (s *state) snapshot(now time.Time) []*record {
	var records []*record
	add := func(r record) { r.Time = now; records = append(records, &r) }
	for ids := range slices.Chunk(s.seen.list(), 1000) {
		add(record{Seen: ids})
	}
	incidents := make([]*incident, 0, len(s.incidents))
	for _, inc := range s.incidents {
		incidents = append(incidents, inc)
	}
	slices.SortFunc(incidents, func(a, b *incident) int { // the newest of a key comes last
		return cmp.Or(a.Incident.Opened.Compare(b.Incident.Opened), cmp.Compare(a.Incident.ID, b.Incident.ID))
	})
	for _, inc := range incidents {
		add(record{Open: inc})
	}
	mails := make([]*mail, 0, len(s.mails))
	for _, m := range s.mails {
		mails = append(mails, m)
	}
	slices.SortFunc(mails, func(a, b *mail) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	for _, m := range mails {
		add(record{Mails: []*mail{m}})
	}
	for _, d := range s.digests {
		r := record{}
		for _, id := range d.ids {
			r.Queue = append(r.Queue, queued{To: d.to, ID: id})
		}
		add(r)
		records[len(records)-1].Time = d.since
	}
	return records
}

// rewrite puts the state into a new file: to keep the ledger small, and to go on
// after a failed write once there is room again. The stage's lock must be held.
func (t *Stage) rewrite() error {
	now := t.clock.Now()
	if t.mend.Sub(now) > 0 {
		return errNoRoom
	}
	t.mend = now.Add(mendEvery)
	var content []byte
	for _, r := range t.state.snapshot(now) {
		var err error
		if content, err = frame(content, r); err != nil {
			return err
		}
	}
	if err := t.journal.replace(content); err != nil {
		return fmt.Errorf("rewrite: %w", err)
	}
	t.rewritten, t.mend = int64(len(content)), time.Time{}
	return nil
}

// durable returns when record number is on disk. When the file failed, it tries
// a new one.
func (t *Stage) durable(number uint64) error {
	err := t.journal.sync(number)
	if err == nil || err == errClosed {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.journal.sync(number) == nil { // somebody else has mended it
		return nil
	}
	if again := t.rewrite(); again != nil {
		return fmt.Errorf("%w; %w", err, again)
	}
	t.log.Warn("ledger was written anew after an error", "error", err)
	return nil
}
