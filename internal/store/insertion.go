package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"yagura/internal/store/native"
)

// maxDead bounds the rows that one group may lose to dead: more looks like a
// wrong schema, and then nothing is cut out.
const maxDead = 64

// insertion is one insert of one day's rows, with its retries.
type insertion struct {
	*Writer
	group    Group
	blocks   []Block
	doubtful bool
	dead     map[uint64]uint32 // dead rows by bus sequence
	buried   []deadRow         // found now, not written yet
	gone     []place           // all that were buried
	whole    bool              // rows holds every row of the blocks, and nothing else
}

// place is a row: block of the insertion and index in it.
type place struct {
	block int
	index int
}

func (in *insertion) run(ctx context.Context) error {
	if err := in.storeRows(ctx); err != nil {
		return err
	}
	return in.storeRollups(ctx)
}

func (in *insertion) storeRows(ctx context.Context) error {
	if !in.doubtful {
		return in.store(ctx, nil, "")
	}
	// The first try's outcome is unknown. Its token may be remembered although
	// its rows are gone (a power cut), so look before and after.
	for try := range 3 {
		missing, err := in.missing(ctx)
		if err != nil || len(missing) == 0 {
			return err
		}
		suffix := ""
		if try > 0 || len(missing) < in.total() {
			suffix = "/again-" + fingerprint(missing)
		}
		if err := in.store(ctx, missing, suffix); err != nil {
			return err
		}
	}
	missing, err := in.missing(ctx)
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("%d rows are still missing after the insert was acknowledged", len(missing))
	}
	return err
}

func (in *insertion) total() (n int) {
	for _, b := range in.blocks {
		n += b.Block.Len()
	}
	return n
}

// store sends the rows (nil: all) and then keeps those that were refused.
func (in *insertion) store(ctx context.Context, rows []place, suffix string) error {
	in.buried = in.buried[:0]
	if err := in.send(ctx, rows, suffix); err != nil || len(in.buried) == 0 {
		return err
	}
	if err := in.writeDead(ctx, in.buried); err != nil {
		return fmt.Errorf("write dead: %w", err)
	}
	for _, d := range in.buried {
		in.dead[d.block.Seq]++
	}
	return nil
}

// send inserts the rows (nil: all). When the engine refuses the rows themselves
// it finds the bad ones by halves and buries them.
func (in *insertion) send(ctx context.Context, rows []place, suffix string) error {
	err := in.try(ctx, rows, suffix)
	if err == nil || Classify(err) != Data {
		return err
	}
	if rows == nil {
		rows = in.all()
	}
	if len(rows) > 1 {
		half := len(rows) / 2
		for _, part := range [][]place{rows[:half], rows[half:]} {
			if err := in.send(ctx, part, "/part-"+fingerprint(part)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(in.buried) >= maxDead {
		return tooManyBad(maxDead, err)
	}
	b := in.blocks[rows[0].block]
	in.buried = append(in.buried, deadRow{b, b.Block.Event(rows[0].index), err})
	in.gone = append(in.gone, rows[0])
	return nil
}

// try makes the columns and sends them once.
func (in *insertion) try(ctx context.Context, rows []place, suffix string) error {
	in.fill(rows)
	return in.sendColumns(ctx, "events", in.rows.columns, in.token()+suffix)
}

// storeRollups stores what the rows add to the rollups. Rows that an earlier try
// gave to dead are counted too: a retry is followed by a repair.
func (in *insertion) storeRollups(ctx context.Context) error {
	if !in.whole || len(in.gone) > 0 {
		in.fill(without(in.all(), in.gone))
	}
	if in.rows.rows == 0 {
		return nil
	}
	for _, t := range []struct {
		table   string
		columns []native.Named
	}{
		{"event_minutes", in.rows.eventMinutes(&in.by)},
		{"rule_minutes", in.rows.ruleMinutes(&in.by)},
		{"book_minutes", in.rows.bookMinutes(&in.by)},
	} {
		if err := in.sendColumns(ctx, t.table, t.columns, in.token()+"/"+t.table); err != nil {
			return fmt.Errorf("count in %s: %w", t.table, err)
		}
	}
	return nil
}

// fill makes the columns of the rows (nil: all).
func (in *insertion) fill(rows []place) {
	in.rows.reset()
	defer in.rows.finish()
	if in.whole = rows == nil; in.whole {
		for _, b := range in.blocks {
			in.rows.add(b, nil)
		}
		return
	}
	for i, b := range in.blocks {
		wanted := make([]bool, b.Block.Len())
		for _, p := range rows {
			if p.block == i {
				wanted[p.index] = true
			}
		}
		in.rows.add(b, func(index int) bool { return wanted[index] })
	}
}

// without is the list less those of gone, few.
func without(list, gone []place) []place {
	return slices.DeleteFunc(list, func(p place) bool { return slices.Contains(gone, p) })
}

func (in *insertion) all() []place {
	list := make([]place, 0, in.total())
	for i, b := range in.blocks {
		for j := range b.Block.Len() {
			list = append(list, place{i, j})
		}
	}
	return list
}

// token names the insert: the stream, the borders, the day, and the identities at
// both ends, as a stream that was made anew counts from 1 again.
func (in *insertion) token() string {
	first, last := in.blocks[0].Block, in.blocks[len(in.blocks)-1].Block
	return fmt.Sprintf("%s/%d-%d/%s/%s/%s", in.cfg.stream(), in.group.FirstSeq, in.group.LastSeq,
		dayText(first), first.ID, last.ID)
}

// fingerprint names a set of rows.
func fingerprint(rows []place) string {
	h := sha256.New()
	for _, p := range rows {
		fmt.Fprintf(h, "%d,%d;", p.block, p.index)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// missing returns the rows that neither events nor dead hold.
func (in *insertion) missing(ctx context.Context) ([]place, error) {
	stored, err := in.storedRows(ctx, in.blocks)
	if err != nil {
		return nil, fmt.Errorf("look for stored rows: %w", err)
	}
	var list []place
	for i, b := range in.blocks {
		have := stored[b.Block.ID]
		if have.count == b.Block.Len() {
			in.countDead(b, have)
			continue
		}
		if have.indexes, err = in.storedIndexes(ctx, b, have.count); err != nil {
			return nil, fmt.Errorf("look for stored rows: %w", err)
		}
		for j := range b.Block.Len() {
			if !have.indexes[uint16(j)] {
				list = append(list, place{i, j})
			}
		}
		in.countDead(b, have)
	}
	return list, nil
}

func (in *insertion) countDead(b Block, have storedBlock) {
	if have.dead > 0 {
		in.dead[b.Seq] = uint32(have.dead)
	}
}
