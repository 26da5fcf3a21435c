package store

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Reconcile counts the rollups, the books and the sources of all blocks sealed
// since that time again from the rows themselves and books the differences. Rows,
// rollups and materialized views are not written at one stroke: a kill between
// them leaves the later ones short. The writer calls it by itself after every start
// and every error; call it each hour besides. No other writer may be storing
// blocks of the same minutes meanwhile.
func (w *Writer) Reconcile(ctx context.Context, since time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var seq uint64
	asked := withParameters(ctx, clickhouse.Parameters{"stream": w.cfg.stream(), "since": nanoseconds(since)})
	if err := w.conn.QueryRow(asked, statement("since_block")).Scan(&seq); err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	if seq == 0 {
		return nil
	}
	return w.reconcile(ctx, seq)
}

// repairPause is how long a repair that failed is left alone.
const repairPause = time.Minute

// repairAfter runs the repair that a start or an error asked for. The group is
// stored already: a repair that fails is logged and tried again later, and never
// holds the events up.
func (w *Writer) repairAfter(ctx context.Context, g Group) {
	if w.repair == 0 || time.Now().Before(w.repairNext) {
		return
	}
	w.repair = min(w.repair, g.FirstSeq)
	if err := w.reconcile(ctx, w.repair); err != nil {
		w.repairNext = time.Now().Add(repairPause)
		if w.cfg.Logger != nil {
			w.cfg.Logger.Warn("rollups not reconciled", "from_seq", w.repair, "error", err, "retry_in", repairPause)
		}
		return
	}
	w.repair, w.repairNext = 0, time.Time{}
}

// reconcile repairs what the blocks from a sequence on have touched.
func (w *Writer) reconcile(ctx context.Context, seq uint64) error {
	window, err := w.window(ctx, seq)
	if err != nil || window == nil {
		return err
	}
	names, err := fs.Glob(statementFiles, "statements/reconcile/*.sql")
	if err != nil {
		return err
	}
	for _, name := range names {
		sql, err := statementFiles.ReadFile(name)
		if err != nil {
			return err
		}
		// No token: run twice it finds no difference.
		run := withSettings(ctx, clickhouse.Settings{"async_insert": 0, "insert_deduplicate": 0,
			"max_bytes_before_external_group_by": 256 << 20})
		if err := w.conn.Exec(withParameters(run, maps.Clone(window)), string(sql)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// window finds the days and the minutes of sealing to look at; nil when there is
// nothing.
func (w *Writer) window(ctx context.Context, seq uint64) (clickhouse.Parameters, error) {
	ctx = withParameters(ctx, clickhouse.Parameters{"stream": w.cfg.stream(), "seq": number64(seq)})
	var blocks, rows uint8
	var from, to, dayFrom, dayTo time.Time
	if err := w.conn.QueryRow(ctx, statement("block_window")).Scan(&blocks, &from, &to); err != nil {
		return nil, fmt.Errorf("window of blocks: %w", err)
	}
	if err := w.conn.QueryRow(ctx, statement("window")).Scan(&rows, &dayFrom, &dayTo); err != nil {
		return nil, fmt.Errorf("window of events: %w", err)
	}
	if blocks == 0 {
		return nil, nil
	}
	p := clickhouse.Parameters{"seq": number64(seq)}
	for name, t := range map[string]time.Time{"from": from, "to": to, "day_from": dayFrom, "day_to": dayTo} {
		p[name] = t.UTC().Format(time.DateTime)
	}
	return p, nil
}
