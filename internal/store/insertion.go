package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

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
}

// place is a row: block of the insertion and index in it.
type place struct {
	block int
	index int
}

func (in *insertion) run(ctx context.Context) error {
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
	return nil
}

// try makes the columns and sends them once.
func (in *insertion) try(ctx context.Context, rows []place, suffix string) error {
	r := in.rows
	r.reset()
	in.fill(rows)
	r.finish()
	if r.rows == 0 {
		return nil
	}
	ctx = withSettings(ctx, in.settings(in.token()+suffix))
	if !in.http {
		return in.sendBatch(ctx, "events", r.columns)
	}
	in.body = native.Encode(in.body[:0], r.columns)
	return in.conn.InsertFormat(ctx, "Native", insertStatement("events", r.columns), bytes.NewReader(in.body))
}

func (in *insertion) fill(rows []place) {
	if rows == nil {
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

func (w *Writer) settings(token string) clickhouse.Settings {
	return clickhouse.Settings{
		"async_insert":               0,
		"insert_deduplicate":         1,
		"insert_deduplication_token": token,
		"deduplicate_blocks_in_dependent_materialized_views": 1,
	}
}

// sendBatch is the way of the native protocol.
func (w *Writer) sendBatch(ctx context.Context, table string, columns []native.Named) error {
	types := make([]clickhouse.ColumnNameAndType, 0, len(columns))
	for _, c := range columns {
		types = append(types, clickhouse.ColumnNameAndType{Name: c.Name, Type: c.Type})
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(types))
	batch, err := w.conn.PrepareBatch(ctx, insertStatement(table, columns))
	if err != nil {
		return err
	}
	for i, c := range columns {
		if err := batch.Column(i).Append(driverValues(c)); err != nil {
			return configError{errors.Join(fmt.Errorf("column %s: %w", c.Name, err), batch.Abort())}
		}
	}
	return batch.Send()
}

// driverValues turns a column into the slice type that the driver takes.
func driverValues(c native.Named) any {
	switch v := c.Column.Values().(type) {
	case []uint8:
		if c.Type == "Bool" {
			list := make([]bool, len(v))
			for i := range v {
				list[i] = v[i] != 0
			}
			return list
		}
		return v
	case []uint32:
		if strings.HasPrefix(c.Type, "DateTime") {
			list := make([]time.Time, len(v))
			for i := range v {
				list[i] = time.Unix(int64(v[i]), 0).UTC()
			}
			return list
		}
		return v
	case []int64:
		unit := time.Microsecond
		if strings.HasPrefix(c.Type, "DateTime64(9") {
			unit = time.Nanosecond
		}
		list := make([]time.Time, len(v))
		for i := range v {
			list[i] = time.Unix(0, 0).Add(time.Duration(v[i]) * unit).UTC()
		}
		return list
	default:
		return v
	}
}

func insertStatement(table string, columns []native.Named) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ")"
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
