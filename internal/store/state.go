package store

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"yagura/internal/event"
)

// load reads, once and after every error, what the tables say about the stream.
func (w *Writer) load(ctx context.Context) error {
	if w.loaded {
		return nil
	}
	w.newest = map[maker]uint64{}
	if err := w.loadChain(ctx); err != nil {
		return fmt.Errorf("read the chain's end: %w", err)
	}
	var highest uint64
	ctx = withParameters(ctx, clickhouse.Parameters{"seq": number64(w.chain.busSeq)})
	if err := w.conn.QueryRow(ctx, statement("highest_event")).Scan(&highest); err != nil {
		return fmt.Errorf("read the highest stored sequence: %w", err)
	}
	w.doubt = max(w.doubt, w.chain.busSeq, highest)
	if err := w.loadRepair(ctx); err != nil {
		return fmt.Errorf("read where the rollups may be short: %w", err)
	}
	w.loaded = true
	return nil
}

func (w *Writer) loadChain(ctx context.Context) error {
	w.chain = chain{}
	ctx = withParameters(ctx, clickhouse.Parameters{"stream": w.cfg.stream()})
	rows, err := w.conn.Query(ctx, statement("chain_end"))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var link string
		if err := rows.Scan(&w.chain.seq, &link); err != nil {
			return err
		}
		copy(w.chain.link[:], link)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return w.conn.QueryRow(ctx, statement("highest_block")).Scan(&w.chain.busSeq)
}

// loadRepair notes from where on a crash may have left the rollups short.
func (w *Writer) loadRepair(ctx context.Context) error {
	if w.doubt == 0 {
		return nil // an empty store
	}
	ctx = withParameters(ctx, clickhouse.Parameters{"stream": w.cfg.stream(), "chain": number64(w.chain.seq)})
	var seq uint64
	if err := w.conn.QueryRow(ctx, statement("recent_block")).Scan(&seq); err != nil {
		return err
	}
	if seq = max(seq, 1); w.repair == 0 || seq < w.repair {
		w.repair = seq
	}
	return nil
}

// meet learns the highest stored block of a maker that is new to this process.
func (w *Writer) meet(ctx context.Context, id event.ID) error {
	m := makerOf(id)
	if _, ok := w.newest[m]; ok {
		return nil
	}
	since := int64(min(m.epoch, math.MaxInt64)) - int64(24*time.Hour)
	ctx = withParameters(ctx, clickhouse.Parameters{"tenant": m.tenant, "node": m.node,
		"epoch": number64(m.epoch), "since": strconv.FormatInt(max(0, since), 10)})
	var seq uint64
	if err := w.conn.QueryRow(ctx, statement("newest_block")).Scan(&seq); err != nil {
		return fmt.Errorf("read the newest block of %s: %w", m.node, err)
	}
	w.newest[m] = seq
	return nil
}

// storedBlocks returns which of the blocks have a row, and under which sequence.
func (w *Writer) storedBlocks(ctx context.Context, blocks []Block) (map[event.ID]uint64, error) {
	first, last := blocks[0].Block.Created, blocks[0].Block.Created
	wanted := make(map[event.ID]bool, len(blocks))
	for _, b := range blocks {
		wanted[b.Block.ID] = true
		if b.Block.Created.Before(first) {
			first = b.Block.Created
		}
		if b.Block.Created.After(last) {
			last = b.Block.Created
		}
	}
	ctx = withParameters(ctx, clickhouse.Parameters{"first": nanoseconds(first), "last": nanoseconds(last)})
	rows, err := w.conn.Query(ctx, statement("stored_blocks"))
	if err != nil {
		return nil, fmt.Errorf("look for stored blocks: %w", err)
	}
	defer rows.Close()
	found := map[event.ID]uint64{}
	for rows.Next() {
		var id event.ID
		var seq uint64
		if err := rows.Scan(&id.Tenant, &id.Node, &id.Epoch, &id.Seq, &seq); err != nil {
			return nil, fmt.Errorf("look for stored blocks: %w", err)
		}
		if wanted[id] {
			found[id] = seq
		}
	}
	return found, rows.Err()
}

// storedBlock says how many events of a block are in events and dead.
type storedBlock struct {
	count, dead int
	indexes     map[uint16]bool
}

// storedRows counts the rows of the blocks in events and in dead.
func (w *Writer) storedRows(ctx context.Context, blocks []Block) (map[event.ID]storedBlock, error) {
	ctx = withParameters(ctx, clickhouse.Parameters{
		"first": number64(blocks[0].Seq), "last": number64(blocks[len(blocks)-1].Seq),
	})
	rows, err := w.conn.Query(ctx, statement("stored_rows"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[event.ID]storedBlock{}
	for rows.Next() {
		var id event.ID
		var n uint64
		var dead uint8
		if err := rows.Scan(&id.Tenant, &id.Node, &id.Epoch, &id.Seq, &n, &dead); err != nil {
			return nil, err
		}
		s := found[id]
		s.count += int(n)
		s.dead += int(n) * int(dead)
		found[id] = s
	}
	return found, rows.Err()
}

// storedIndexes returns which events of one block are in events or dead.
func (w *Writer) storedIndexes(ctx context.Context, b Block, count int) (map[uint16]bool, error) {
	if count == 0 {
		return nil, nil
	}
	id := b.Block.ID
	ctx = withParameters(ctx, clickhouse.Parameters{"bus": number64(b.Seq), "tenant": id.Tenant,
		"node": id.Node, "epoch": number64(id.Epoch), "seq": number64(id.Seq)})
	rows, err := w.conn.Query(ctx, statement("stored_indexes"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[uint16]bool, count)
	for rows.Next() {
		var i uint16
		if err := rows.Scan(&i); err != nil {
			return nil, err
		}
		found[i] = true
	}
	return found, rows.Err()
}

func number64(n uint64) string { return strconv.FormatUint(n, 10) }

func nanoseconds(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }
