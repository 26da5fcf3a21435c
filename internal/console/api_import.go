package console

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

func (c *Console) importState(w http.ResponseWriter, r *http.Request) {
	if c.deps.Import == nil {
		c.refuse(w, errAbsent)
		return
	}
	state, err := c.deps.Import.State(r.Context(), r.URL.Query().Get("file"))
	if err != nil {
		c.refuse(w, err)
		return
	}
	answer(w, http.StatusOK, state)
}

// takeImport takes one part of a file.
func (c *Console) takeImport(w http.ResponseWriter, r *http.Request) {
	if c.deps.Import == nil {
		c.refuse(w, errAbsent)
		return
	}
	part, err := importPart(r.URL.Query())
	if err != nil {
		c.refuse(w, err)
		return
	}
	if part.From == 0 {
		c.audit(r, "import", part.Path)
	}
	records, err := io.ReadAll(r.Body)
	if err != nil {
		c.refuse(w, err)
		return
	}
	// A bus that is full makes it wait. A client that leaves meanwhile does not cut
	// the part in two: it would come twice.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	state, err := c.deps.Import.Take(context.WithoutCancel(r.Context()), part, bytes.NewReader(records))
	if err != nil {
		c.refuse(w, err)
		return
	}
	answer(w, http.StatusOK, state)
}

func importPart(q url.Values) (p ImportPart, err error) {
	p = ImportPart{
		File: q.Get("file"), Path: q.Get("path"), Source: q.Get("source"), Device: q.Get("device"), Timezone: q.Get("timezone"), Encoding: q.Get("encoding"),
		Detect: q.Get("detect") == "true", Done: q.Get("done") == "true",
	}
	if p.Path == "" {
		return p, badRequest("path: nothing; would be right: where the file lies")
	}
	if p.From, err = strconv.ParseUint(q.Get("from"), 10, 63); err != nil {
		return p, badRequest("from: %q; would be right: a number of records", q.Get("from"))
	}
	if p.Received, err = time.Parse(time.RFC3339Nano, q.Get("received")); err != nil {
		return p, badRequest("received: %q; would be right: a time as 2026-11-24T09:00:00+09:00", q.Get("received"))
	}
	return p, nil
}
