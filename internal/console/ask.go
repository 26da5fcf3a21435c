package console

import (
	"context"
	"time"
)

// maxPageBytes bounds what a page reads of a result; beyond it counts as cut.
const maxPageBytes = 8 << 20

// result is a whole small result for a page. Err says why it ends early.
type result struct {
	Columns   []Column
	Rows      [][]any
	Truncated bool
	Err       error
	Took      time.Duration
}

// places tells where each column stands.
func (x result) places() map[string]int {
	at := map[string]int{}
	for i, col := range x.Columns {
		at[col.Name] = i
	}
	return at
}

// gather asks a question and keeps its rows within the bounds of a page.
func (c *Console) gather(ctx context.Context, q Question, limit time.Duration) (x result) {
	begun := time.Now()
	defer func() { x.Took = time.Since(begun) }()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	rows, done, err := c.ask(ctx, q)
	if err != nil {
		return result{Err: err}
	}
	defer done()
	x.Columns = rows.Columns()
	size := 0
	for rows.Next() {
		row, err := rows.Row()
		if err != nil {
			x.Err = err
			return x
		}
		if size += weigh(row); size > maxPageBytes {
			x.Truncated = true
			return x
		}
		x.Rows = append(x.Rows, row)
	}
	x.Err = rows.Err()
	x.Truncated = rows.Truncated()
	return x
}

// weigh estimates the bytes of a value on a page.
func weigh(v any) (n int) {
	switch x := v.(type) {
	case string:
		return 16 + min(len(x), mostShown)
	case []any:
		for _, e := range x {
			n += weigh(e)
		}
	case map[string]any:
		for k, e := range x {
			n += len(k) + weigh(e)
		}
	}
	return n + 16
}
