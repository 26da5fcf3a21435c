package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"yagura/internal/event"
)

// chain is the end of a stream's chain of roots.
type chain struct {
	seq    uint64
	link   [sha256.Size]byte
	busSeq uint64 // highest sequence that has a row
}

// Link is the next link of a chain of roots: SHA-256 over 0x02, the link before
// (zeros for the first), the block's root and its identity as ID.String writes
// it. A missing, changed, added or reordered block changes every link after it.
func Link(previous, root [sha256.Size]byte, id event.ID) [sha256.Size]byte {
	buf := make([]byte, 0, 1+2*sha256.Size+128)
	buf = append(buf, 2)
	buf = append(buf, previous[:]...)
	buf = append(buf, root[:]...)
	buf = append(buf, id.String()...)
	return sha256.Sum256(buf)
}

// States of a row of blocks.
const (
	stateStored    = "stored"
	stateDuplicate = "duplicate"
	stateAbsent    = "absent"
)

var blockColumns = []clickhouse.ColumnNameAndType{
	{Name: "stream", Type: typeDict}, {Name: "bus_seq", Type: "UInt64"}, {Name: "first_seq", Type: "UInt64"},
	{Name: "tenant", Type: typeDict}, {Name: "node", Type: typeDict},
	{Name: "epoch", Type: "UInt64"}, {Name: "block_seq", Type: "UInt64"},
	{Name: "created", Type: "DateTime64(9, 'UTC')"}, {Name: "state", Type: typeDict},
	{Name: "events", Type: "UInt32"}, {Name: "dead", Type: "UInt32"}, {Name: "bytes", Type: "UInt64"},
	{Name: "root", Type: "FixedString(32)"}, {Name: "previous", Type: "FixedString(32)"},
	{Name: "link", Type: "FixedString(32)"}, {Name: "chain_seq", Type: "UInt64"},
	{Name: "tally_listener", Type: typeList}, {Name: "tally_peer", Type: typeList},
	{Name: "tally_received", Type: "Array(UInt64)"}, {Name: "tally_accepted", Type: "Array(UInt64)"},
	{Name: "tally_refused", Type: "Array(Array(UInt64))"},
}

// entry is what the ledger notes of a group.
type entry struct {
	group           Group
	fresh, repeated []Block
	dead            map[uint64]uint32
	doubtful        bool
}

// writeBlocks notes that the blocks are stored: their roots, the chain and the
// books. It comes last, so that a row here is never without its events.
func (w *Writer) writeBlocks(ctx context.Context, e entry) error {
	rows, next := w.blockRows(e)
	if len(rows) == 0 {
		return nil
	}
	token := fmt.Sprintf("%s/blocks/%d-%d/%d/%x", w.cfg.stream(), e.group.FirstSeq, e.group.LastSeq, next.seq, next.link[:8])
	for try := range 3 {
		if try > 0 {
			token += "/again" // remembered by the engine, and yet the rows are not there
		}
		if err := w.insertRows(ctx, table{"blocks", blockColumns}, token, rows); err != nil {
			return err
		}
		if !e.doubtful || len(e.fresh) == 0 {
			break
		}
		stored, err := w.storedBlocks(ctx, e.fresh)
		if err != nil {
			return err
		}
		if len(stored) == len(e.fresh) {
			break
		}
	}
	w.chain = next
	return nil
}

func (w *Writer) blockRows(e entry) (rows [][]any, next chain) {
	next = w.chain
	for _, m := range merge(e.fresh, e.repeated) {
		b := m.of
		id, root := b.Block.ID, b.Block.Root()
		link := Link(next.link, root, id)
		state, events, t := stateStored, b.Block.Len(), tallies(b.Block)
		if m.repeated {
			state, events, t = stateDuplicate, 0, tallyColumns{}
		}
		rows = append(rows, []any{
			w.cfg.stream(), b.Seq, b.Seq, id.Tenant, id.Node, id.Epoch, id.Seq, b.Block.Created, state,
			uint32(events), e.dead[b.Seq], uint64(b.Block.Size()), string(root[:]), string(next.link[:]), string(link[:]), next.seq + 1,
			t.listener, t.peer, t.received, t.accepted, t.refused,
		})
		next = chain{next.seq + 1, link, max(next.busSeq, b.Seq)}
	}
	return rows, next
}

func (w *Writer) writeAbsent(ctx context.Context, first, last uint64) error {
	zero := string(make([]byte, sha256.Size))
	row := []any{w.cfg.stream(), last, first, "", "", uint64(0), uint64(0), time.Unix(0, 0), stateAbsent,
		uint32(0), uint32(0), uint64(0), zero, zero, zero, uint64(0),
		[]string{}, []string{}, []uint64{}, []uint64{}, [][]uint64{}}
	token := fmt.Sprintf("%s/absent/%d-%d", w.cfg.stream(), first, last)
	return w.insertRows(ctx, table{"blocks", blockColumns}, token, [][]any{row})
}

type markedBlock struct {
	of       Block
	repeated bool
}

// merge puts fresh and repeated blocks back into the order of the bus.
func merge(fresh, repeated []Block) []markedBlock {
	list := make([]markedBlock, 0, len(fresh)+len(repeated))
	for len(fresh)+len(repeated) > 0 {
		if len(repeated) == 0 || len(fresh) > 0 && fresh[0].Seq < repeated[0].Seq {
			list, fresh = append(list, markedBlock{fresh[0], false}), fresh[1:]
		} else {
			list, repeated = append(list, markedBlock{repeated[0], true}), repeated[1:]
		}
	}
	return list
}

// tallyColumns are a block's part of the books, one entry a source.
type tallyColumns struct {
	listener, peer     []string
	received, accepted []uint64
	refused            [][]uint64
}

// tallies joins what the receivers counted with the events that the block holds.
func tallies(b *event.Block) tallyColumns {
	var t tallyColumns
	at := map[event.Source]int{}
	entry := func(s event.Source) int {
		i, ok := at[s]
		if !ok {
			i = len(t.peer)
			at[s] = i
			t.listener, t.peer = append(t.listener, s.Listener), append(t.peer, s.Peer)
			t.received, t.accepted = append(t.received, 0), append(t.accepted, 0)
			t.refused = append(t.refused, make([]uint64, len(event.Reasons())))
		}
		return i
	}
	for _, one := range b.Tallies {
		i := entry(one.Source)
		t.received[i] += one.Received
		for r, n := range one.Refused {
			t.refused[i][r] += n
		}
	}
	var last event.Source
	lastAt := -1
	for i := range b.Len() {
		if s := b.Event(i).Source(); lastAt < 0 || s != last {
			last, lastAt = s, entry(s)
		}
		t.accepted[lastAt]++
	}
	return t
}

var deadColumns = []clickhouse.ColumnNameAndType{
	{Name: "stream", Type: typeDict}, {Name: "bus_seq", Type: "UInt64"}, {Name: "tenant", Type: typeDict},
	{Name: "listener", Type: typeDict}, {Name: "peer", Type: typeDict}, {Name: "node", Type: typeDict},
	{Name: "epoch", Type: "UInt64"}, {Name: "block_seq", Type: "UInt64"}, {Name: "idx", Type: "UInt16"},
	{Name: "block_time", Type: "DateTime('UTC')"}, {Name: "ingested", Type: "DateTime64(9, 'UTC')"},
	{Name: "raw", Type: "String"}, {Name: "code", Type: "Int32"}, {Name: "reason", Type: "String"},
}

// deadRow is an event that the engine refused.
type deadRow struct {
	block Block
	event event.Event
	why   error
}

// writeDead keeps refused events, raw, with the reason.
func (w *Writer) writeDead(ctx context.Context, list []deadRow) error {
	rows := make([][]any, 0, len(list))
	for _, d := range list {
		b, id, src := d.block, d.block.Block.ID, d.event.Source()
		rows = append(rows, []any{w.cfg.stream(), b.Seq, id.Tenant, src.Listener, src.Peer, id.Node, id.Epoch, id.Seq, uint16(d.event.Index()),
			time.Unix(int64(blockTime(b.Block)), 0).UTC(), d.event.Received(), string(d.event.Raw()), Code(d.why), cut(d.why.Error(), 2000)})
	}
	token := fmt.Sprintf("%s/dead/%d/%s/%s", w.cfg.stream(), len(list), list[0].event.ID(), list[len(list)-1].event.ID())
	return w.insertRows(ctx, table{"dead", deadColumns}, token, rows)
}

func cut(s string, most int) string {
	if len(s) > most {
		return s[:most]
	}
	return s
}

// table names what insertRows writes to.
type table struct {
	name    string
	columns []clickhouse.ColumnNameAndType
}

// insertRows writes a few rows under a token.
func (w *Writer) insertRows(ctx context.Context, t table, token string, rows [][]any) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(w.settings(token)), clickhouse.WithColumnNamesAndTypes(t.columns))
	names := ""
	for i, c := range t.columns {
		if i > 0 {
			names += ", "
		}
		names += c.Name
	}
	batch, err := w.conn.PrepareBatch(ctx, "INSERT INTO "+t.name+" ("+names+")")
	if err != nil {
		return err
	}
	defer batch.Close()
	for _, row := range rows {
		if err := batch.Append(row...); err != nil {
			return configError{fmt.Errorf("row of %s: %w", t.name, err)}
		}
	}
	return batch.Send()
}
