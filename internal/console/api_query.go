package console

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// ndjson is JSON Lines.
const ndjson = "application/x-ndjson; charset=utf-8"

// query answers with rows as JSON Lines: see rows.
func (c *Console) query(w http.ResponseWriter, r *http.Request) {
	q, err := question(r.URL.Query(), time.Now(), c.config.Zone)
	if err != nil {
		c.refuse(w, err)
		return
	}
	c.audit(r, "query", q.Text)
	c.rows(w, r, q)
}

// rows answers a question with its rows. An error before the first row has a status
// of its own; a later one is the last line.
func (c *Console) rows(w http.ResponseWriter, r *http.Request, q Question) {
	rows, done, err := c.ask(r.Context(), q)
	if err != nil {
		c.refuse(w, err)
		return
	}
	defer done()
	more := rows.Next()
	if err := rows.Err(); err != nil && !more {
		c.refuse(w, err)
		return
	}
	c.stream(w, rows, more)
}

// ask runs a question in one of the slots; call done in the end.
func (c *Console) ask(ctx context.Context, q Question) (rows Rows, done func(), err error) {
	if c.deps.Search == nil {
		return nil, nil, errAbsent
	}
	free, err := slot(ctx, c.queries)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if rows == nil { // an error or a panic
			free()
		}
	}()
	if rows, err = c.deps.Search.Query(ctx, q); err != nil {
		return nil, nil, err
	}
	return rows, func() {
		defer free()
		if err := rows.Close(); err != nil && ctx.Err() == nil {
			c.log.Warn("result not closed", "error", err)
		}
	}, nil
}

func (c *Console) stream(w http.ResponseWriter, rows Rows, more bool) {
	columns := rows.Columns()
	names := make([]string, len(columns))
	for i, col := range columns {
		names[i] = col.Name
	}
	header, err := json.Marshal(names)
	if err != nil {
		c.refuse(w, err)
		return
	}
	h := w.Header()
	h.Set("X-Yagura-Columns", string(asciiJSON(header)))
	h.Set("Content-Type", ndjson)
	h.Set("Trailer", "X-Yagura-Truncated")
	out := newLines(w)
	var line []byte
	for ; more; more = rows.Next() {
		row, err := rows.Row()
		if err != nil {
			out.end(err)
			return
		}
		line = appendRow(line[:0], columns, row)
		if out.write(line) != nil {
			return // the client has left
		}
	}
	out.end(rows.Err())
	if rows.Truncated() {
		h.Set("X-Yagura-Truncated", "true")
	}
}

// asciiJSON escapes what may not stand in a header.
func asciiJSON(text []byte) []byte {
	var out []byte
	for _, r := range string(text) {
		if r < 0x7f {
			out = append(out, byte(r))
		} else {
			out = appendEscape(out, r)
		}
	}
	return out
}

func (c *Console) explain(w http.ResponseWriter, r *http.Request) {
	q, err := question(r.URL.Query(), time.Now(), c.config.Zone)
	if err == nil && c.deps.Search == nil {
		err = errAbsent
	}
	if err != nil {
		c.refuse(w, err)
		return
	}
	sql, params, err := c.deps.Search.Explain(r.Context(), q)
	if err != nil {
		c.refuse(w, err)
		return
	}
	if params == nil {
		params = map[string]string{}
	}
	answer(w, http.StatusOK, struct {
		SQL        string            `json:"sql"`
		Parameters map[string]string `json:"parameters"`
	}{sql, params})
}
