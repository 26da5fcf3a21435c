package agent

import (
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"time"
)

// bulkAnswer builds the answer of a bulk request item by item, with the fields that
// filter_path leaves.
type bulkAnswer struct {
	filter filterPath
	items  []byte
	errors bool
	prefix string // of the ids that we give
	n      int
	shown  map[string]bool // op.field → filter.shows: the same few again and again

	op    string // of the item being written
	start int    // where it began
	some  bool   // a field of it is shown
}

func newBulkAnswer(filter string, items int) *bulkAnswer {
	random := make([]byte, 9)
	_, _ = rand.Read(random) // does not fail
	return &bulkAnswer{
		filter: parseFilterPath(filter), items: make([]byte, 0, min(items, 4096)*160), shown: map[string]bool{},
		prefix: base64.RawURLEncoding.EncodeToString(random),
	}
}

// created answers an item that was taken.
func (a *bulkAnswer) created(b bulkItem) {
	id := b.id
	if id == "" {
		id = a.prefix + strconv.FormatUint(1<<40+uint64(a.n), 36) // 20 characters, as Elasticsearch gives
	}
	a.open(b)
	a.text("_index", b.index)
	a.text("_id", id)
	a.raw("_version", "1")
	a.raw("result", `"created"`)
	a.raw("_shards", `{"total":1,"successful":1,"failed":0}`)
	a.raw("_seq_no", strconv.Itoa(a.n))
	a.raw("_primary_term", "1")
	a.raw("status", "201")
	a.close()
}

// fail answers an item that was not taken.
func (a *bulkAnswer) fail(b bulkItem, status int, kind, reason string) {
	a.errors = true
	a.open(b)
	a.text("_index", b.index)
	if b.id != "" {
		a.text("_id", b.id)
	}
	a.raw("status", strconv.Itoa(status))
	a.raw("error", string(appendError(nil, kind, reason)))
	a.close()
}

// open begins an item; close drops it again when the filter left nothing of it.
func (a *bulkAnswer) open(b bulkItem) {
	a.n++
	a.op, a.start, a.some = b.op, len(a.items), false
	if len(a.items) > 0 {
		a.items = append(a.items, ',')
	}
	a.items = append(append(append(a.items, `{"`...), b.op...), `":{`...)
}

func (a *bulkAnswer) text(name, value string) {
	if a.name(name) {
		a.items = jsonAppend(a.items, []byte(value))
	}
}

func (a *bulkAnswer) raw(name, value string) {
	if a.name(name) {
		a.items = append(a.items, value...)
	}
}

// name writes the name of a field, if the filter shows it.
func (a *bulkAnswer) name(name string) bool {
	path := a.op + "." + name
	shown, known := a.shown[path]
	if !known {
		shown = a.filter.shows("items", a.op, name)
		a.shown[path] = shown
	}
	if !shown {
		return false
	}
	if a.some {
		a.items = append(a.items, ',')
	}
	a.some = true
	a.items = append(append(append(a.items, '"'), name...), `":`...)
	return true
}

func (a *bulkAnswer) close() {
	if !a.some {
		a.items = a.items[:a.start]
		return
	}
	a.items = append(a.items, `}}`...)
}

// bytes is the whole answer.
func (a *bulkAnswer) bytes(took time.Duration) []byte {
	out := []byte{'{'}
	field := func(name string) bool {
		if !a.filter.shows(name) {
			return false
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), name...), `":`...)
		return true
	}
	if field("took") {
		out = strconv.AppendInt(out, took.Milliseconds(), 10)
	}
	if field("errors") {
		out = strconv.AppendBool(out, a.errors)
	}
	if len(a.items) > 0 {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, `"items":[`...), a.items...), ']')
	}
	return append(out, "}\n"...)
}

// appendError writes an error as Elasticsearch's items have it.
func appendError(b []byte, kind, reason string) []byte {
	b = jsonAppend(append(b, `{"type":`...), []byte(kind))
	return append(jsonAppend(append(b, `,"reason":`...), []byte(reason)), '}')
}
