package run

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"yagura/internal/console"
	"yagura/internal/store"
)

//go:embed sql/health_books.sql
var healthBooks string

//go:embed sql/health_sources.sql
var healthSources string

// ask returns all rows of a statement of our own.
func (m *Main) ask(ctx context.Context, sql string) ([][]any, error) {
	rows, err := m.db.Query(ctx, store.Ask{Text: sql, Limits: store.Limits{Time: askTimeout, Rows: 100}})
	if err != nil {
		return nil, err
	}
	return rows.All()
}

// storeState is whether rows can get into the store now.
func (m *Main) storeState() console.Level {
	if m.child != nil && !m.child.Up() || m.store.trouble.String() != "" {
		return console.Critical
	}
	select {
	case <-m.stored:
	default:
		return console.Warning // not yet
	}
	if m.store.trouble.count() > 0 {
		return console.Warning
	}
	return console.OK
}

// books says when accepted is not stored + dead, and what was refused.
func (h *checkup) books(ctx context.Context) {
	rows, err := h.main.ask(ctx, healthBooks)
	if err != nil || len(rows) != 1 {
		h.add(console.Warning, "store", fmt.Sprintf("the books cannot be read: %v", err), "is the engine busy? see `yagura query 'SELECT 1'`")
		return
	}
	if pending := fmt.Sprint(rows[0][0]); pending != "0" {
		h.add(console.Critical, "books", pending+" accepted lines are not found in the store", "run `yagura books`; the bus still holds them if it has not been trimmed")
	}
	if refused := fmt.Sprint(rows[0][1]); refused != "0" {
		h.add(console.Warning, "ingest", refused+" lines were refused in the last hour", "`yagura books` says whose and why (kernel_full: more sockets or a larger buffer)")
	}
	if text, ok := rows[0][2].(string); ok {
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil && t.Year() > 1970 {
			h.LastEvent = t
		}
	}
}

// sources names senders that have gone silent or whose clocks are off.
func (h *checkup) sources(ctx context.Context) {
	rows, err := h.main.ask(ctx, healthSources)
	if err != nil {
		h.add(console.Warning, "sources", fmt.Sprintf("the sources cannot be read: %v", err), "")
		return
	}
	for _, r := range rows {
		h.add(console.Warning, "sources", fmt.Sprintf("%v (%v) is silent since %v", r[0], r[1], r[2]), "is the device on, and does it still send here? remove it from the list by its retention")
	}
}
