package store

import (
	"context"
	"fmt"
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
	// Rows beyond the last block's row: an insert was cut short.
	var highest uint64
	ctx = withParameters(ctx, clickhouse.Parameters{"seq": number64(w.chain.busSeq)})
	const q = "SELECT max(bus_seq) FROM events WHERE bus_seq > {seq:UInt64}"
	if err := w.conn.QueryRow(ctx, q).Scan(&highest); err != nil {
		return fmt.Errorf("read the highest stored sequence: %w", err)
	}
	w.doubt = max(w.doubt, w.chain.busSeq, highest)
	w.loaded = true
	return nil
}

func (w *Writer) loadChain(ctx context.Context) error {
	w.chain = chain{}
	ctx = withParameters(ctx, clickhouse.Parameters{"stream": w.cfg.stream()})
	rows, err := w.conn.Query(ctx, `SELECT chain_seq, link FROM blocks
		WHERE stream = {stream:String} ORDER BY chain_seq DESC LIMIT 1`)
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
	return w.conn.QueryRow(ctx, "SELECT max(bus_seq) FROM blocks WHERE stream = {stream:String}").Scan(&w.chain.busSeq)
}

// newestOf returns the highest stored block of the same maker.
func (w *Writer) newestOf(ctx context.Context, id event.ID) (uint64, error) {
	m := makerOf(id)
	if seq, ok := w.newest[m]; ok {
		return seq, nil
	}
	// The epoch is the maker's start: no block of it is older, which leaves most
	// of the table unread.
	ctx = withParameters(ctx, clickhouse.Parameters{
		"tenant": m.tenant, "node": m.node, "epoch": number64(m.epoch),
		"since": number64(uint64(max(0, int64(m.epoch/1e9)-86400))),
	})
	var seq uint64
	err := w.conn.QueryRow(ctx, `SELECT max(block_seq) FROM blocks
		WHERE created >= fromUnixTimestamp(toInt64({since:UInt64}), 'UTC')
		AND tenant = {tenant:String} AND node = {node:String} AND epoch = {epoch:UInt64} AND state != 'absent'`).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("read the newest block of %s: %w", m.node, err)
	}
	w.newest[m] = seq
	return seq, nil
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
	rows, err := w.conn.Query(ctx, `SELECT tenant, node, epoch, block_seq, min(bus_seq) FROM blocks
		WHERE created >= fromUnixTimestamp64Nano({first:Int64}, 'UTC') AND created <= fromUnixTimestamp64Nano({last:Int64}, 'UTC')
		AND state = 'stored' GROUP BY tenant, node, epoch, block_seq`)
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
	rows, err := w.conn.Query(ctx, `SELECT tenant, node, epoch, block_seq, uniqExact(idx), 0 FROM events
		WHERE bus_seq BETWEEN {first:UInt64} AND {last:UInt64} GROUP BY tenant, node, epoch, block_seq
		UNION ALL SELECT tenant, node, epoch, block_seq, uniqExact(idx), 1 FROM dead
		WHERE bus_seq BETWEEN {first:UInt64} AND {last:UInt64} GROUP BY tenant, node, epoch, block_seq`)
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
	rows, err := w.conn.Query(ctx, `SELECT DISTINCT idx FROM events WHERE bus_seq = {bus:UInt64}
		AND tenant = {tenant:String} AND node = {node:String} AND epoch = {epoch:UInt64} AND block_seq = {seq:UInt64}
		UNION ALL SELECT DISTINCT idx FROM dead WHERE bus_seq = {bus:UInt64}
		AND tenant = {tenant:String} AND node = {node:String} AND epoch = {epoch:UInt64} AND block_seq = {seq:UInt64}`)
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
