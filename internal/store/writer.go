package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yagura/internal/event"
)

// Writer stores groups of blocks. One Writer per stream at a time: the chain of
// Merkle roots has one end. Safe for concurrent use; inserts run one by one.
type Writer struct {
	cfg  Config
	conn driver.Conn
	http bool

	mu         sync.Mutex
	rows       *rowset
	by         grouping
	loaded     bool
	repair     uint64           // rollups from this sequence on may be short; 0: none
	repairNext time.Time        // not before
	doubt      uint64           // groups that begin at or below may have been tried before
	newest     map[maker]uint64 // highest stored block of each maker
	chain      chain            // end of the chain of roots
}

// maker is who counts blocks: a block's identity without its sequence.
type maker struct {
	tenant, node string
	epoch        uint64
}

func makerOf(id event.ID) maker { return maker{id.Tenant, id.Node, id.Epoch} }

// NewWriter makes the writer of the configured stream. It reaches nothing until
// the first call.
func (db *DB) NewWriter() *Writer {
	return &Writer{cfg: db.cfg, conn: db.conn, http: db.http, rows: newRowset()}
}

// Insert stores the group: events (one insert a day), what the engine refuses
// among them as dead, then the blocks' roots and books. It returns nil only when
// all is stored; then the group may be acknowledged. After an error call it again
// with the same group: what is stored already is found and left out. See Classify
// for what the error asks for.
func (w *Writer) Insert(ctx context.Context, g Group) error {
	if err := g.check(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, w.cfg.timeout())
	defer cancel()
	if err := w.insert(ctx, g); err != nil {
		w.loaded = false // look again at what is stored before the next try
		return fmt.Errorf("store blocks %d-%d: %w", g.FirstSeq, g.LastSeq, err)
	}
	return nil
}

func (w *Writer) insert(ctx context.Context, g Group) error {
	if err := w.load(ctx); err != nil {
		return err
	}
	fresh, repeated, err := w.sift(ctx, g.Blocks)
	if err != nil {
		return err
	}
	doubtful := g.FirstSeq <= w.doubt
	w.doubt = max(w.doubt, g.LastSeq)
	dead := map[uint64]uint32{}
	for _, day := range byDay(fresh) {
		in := insertion{Writer: w, group: g, blocks: day, doubtful: doubtful, dead: dead}
		if err := in.run(ctx); err != nil {
			return err
		}
	}
	if err := w.writeBlocks(ctx, entry{g, fresh, repeated, dead, doubtful}); err != nil {
		return fmt.Errorf("write blocks: %w", err)
	}
	for _, b := range fresh {
		m := makerOf(b.Block.ID)
		w.newest[m] = max(w.newest[m], b.Block.ID.Seq)
	}
	w.repairAfter(ctx, g)
	return nil
}

// sift keeps the blocks that are not stored yet. Repeated are those that came
// before under another sequence of the bus; blocks that are in the table under
// their own sequence are dropped.
func (w *Writer) sift(ctx context.Context, blocks []Block) (fresh, repeated []Block, err error) {
	known := true // every block is newer than all that its maker has stored
	for _, b := range blocks {
		newest, seen := w.newest[makerOf(b.Block.ID)]
		known = known && seen && b.Block.ID.Seq > newest
		if err := w.meet(ctx, b.Block.ID); err != nil {
			return nil, nil, err
		}
	}
	stored := map[event.ID]uint64{}
	if !known {
		if stored, err = w.storedBlocks(ctx, blocks); err != nil {
			return nil, nil, err
		}
	}
	inGroup := map[event.ID]bool{}
	for _, b := range blocks {
		seq, found := stored[b.Block.ID]
		switch {
		case found && seq == b.Seq:
		case found, inGroup[b.Block.ID]:
			repeated = append(repeated, b)
		default:
			inGroup[b.Block.ID] = true
			fresh = append(fresh, b)
		}
	}
	return fresh, repeated, nil
}

// Skip notes that the bus has lost the sequences from first to last for good, so
// that the watermark may pass over them.
func (w *Writer) Skip(ctx context.Context, first, last uint64) error {
	if first == 0 || first > last {
		return errors.New("skip: no range")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, w.cfg.timeout())
	defer cancel()
	return w.writeAbsent(ctx, first, last)
}
