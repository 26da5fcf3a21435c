package agent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// bulkItem is an action of a bulk request. Errors are Elasticsearch's.
type bulkItem struct {
	op     string // create, index, update, delete
	index  string
	id     string // "" when the sender gave none
	source []byte // exactly as it came; nil for delete
}

// elasticFault is a request that Elasticsearch would refuse whole.
func elasticFault(format string, args ...any) error {
	return &refusal{Status: http.StatusBadRequest, Text: fmt.Sprintf(format, args...)}
}

// bulkItems cuts a body of action and source lines and calls f with each item. index
// is that of the path. Nothing is copied.
func bulkItems(body []byte, index string, f func(item bulkItem) error) error {
	line, n := []byte(nil), 0
	for number := 1; len(body) > 0; number++ {
		if line, body = cutLine(body); len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if n++; n > maxRecords {
			return errRecords
		}
		item, err := bulkAction(line, index, number)
		if err != nil {
			return err
		}
		if item.op != "delete" {
			if len(body) == 0 {
				return elasticFault("The bulk request must be terminated by a newline [\\n]")
			}
			number++
			item.source, body = cutLine(body)
		}
		if err := f(item); err != nil {
			return err
		}
	}
	return nil
}

// cutLine cuts a line without its end; of a line end of Windows nothing is kept.
func cutLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// bulkAction reads an action line.
func bulkAction(line []byte, index string, number int) (item bulkItem, err error) {
	if len(line) > 8<<10 || !json.Valid(line) || jsonSpace(line)[0] != '{' {
		return item, elasticFault("Malformed action/metadata line [%d], expected START_OBJECT", number)
	}
	item.index = index
	err = jsonMembers(line, func(op string, meta []byte) error {
		if item.op != "" {
			return elasticFault("Malformed action/metadata line [%d], expected END_OBJECT but found [FIELD_NAME]", number)
		}
		switch op {
		case "create", "index", "update", "delete":
			item.op = op
		default:
			return elasticFault("Malformed action/metadata line [%d], expected field [create], [delete], [index] or [update] but found another", number)
		}
		return jsonMembers(meta, func(key string, value []byte) error {
			switch key {
			case "_index":
				item.index = string(jsonText(value))
			case "_id":
				if string(value) != "null" {
					item.id = string(jsonText(value))
				}
			}
			return nil
		})
	})
	switch {
	case err != nil:
		return item, explainJSON(err, number)
	case item.op == "":
		return item, elasticFault("Malformed action/metadata line [%d], expected FIELD_NAME but found [END_OBJECT]", number)
	}
	return item, nil
}

func explainJSON(err error, number int) error {
	if f, ok := err.(*refusal); ok {
		return f
	}
	return elasticFault("Malformed action/metadata line [%d], expected START_OBJECT", number)
}

// itemBytes is what an item needs beside its document, with its answer.
const itemBytes = 256

// bulk serves _bulk: each document is an event whose raw bytes are its source line.
func (e *elastic) bulk(w http.ResponseWriter, r *http.Request, who Sender, index string) {
	began := time.Now()
	body, err := e.body(w, r, who)
	if err != nil {
		e.refuse(w, r, err)
		return
	}
	defer body.Close()
	var items []bulkItem
	if err := bulkItems(body.Bytes, index, func(i bulkItem) error { items = append(items, i); return nil }); err != nil {
		e.refuse(w, r, err)
		return
	}
	if err := body.more(len(items) * itemBytes); err != nil {
		e.refuse(w, r, err)
		return
	}
	if len(items) == 0 {
		e.refuse(w, r, elasticFault("request body is required"))
		return
	}
	in := e.intake(who)
	defer in.Close()
	in.Resume(r.Context(), body.digest())
	answer := newBulkAnswer(r.URL.Query().Get("filter_path"), len(items))
	fresh, err := e.take(r, in, answer, items)
	if err == nil {
		err = in.Settle(r.Context())
	}
	if err != nil {
		e.refuse(w, r, err)
		return
	}
	e.seen.add(fresh)
	e.write(w, http.StatusOK, answer.bytes(time.Since(began)))
	in.Answered(w, r)
}

// take brings the items to the bus and writes their answers. fresh are the documents
// with an id that are to be remembered.
func (e *elastic) take(r *http.Request, in *Intake, answer *bulkAnswer, items []bulkItem) (fresh []docID, err error) {
	here := map[docID]bool{} // within the request
	for _, item := range items {
		id := docIDOf(in.from.Peer, item)
		switch {
		case item.op == "update":
			answer.fail(item, http.StatusBadRequest, "illegal_argument_exception", "yagura takes log lines in; nothing can be updated")
			continue
		case item.op == "delete":
			answer.fail(item, http.StatusBadRequest, "illegal_argument_exception", "yagura takes log lines in; nothing can be deleted")
			continue
		case len(bytes.TrimSpace(item.source)) == 0:
			answer.fail(item, http.StatusBadRequest, "document_parsing_exception", "the document is empty")
			continue
		case item.op == "create" && item.id != "" && (here[id] || e.seen.has(id)):
			answer.fail(item, http.StatusConflict, "version_conflict_engine_exception", "["+item.id+"]: version conflict, document already exists")
			continue
		}
		if err := in.Take(r.Context(), Record{Raw: item.source, Time: stampIn(item.source)}); err != nil {
			return nil, err
		}
		if item.id != "" {
			here[id] = true
			fresh = append(fresh, id)
		}
		answer.created(item)
	}
	return fresh, nil
}
