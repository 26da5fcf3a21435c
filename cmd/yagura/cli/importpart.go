package cli

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"yagura/ingest/syslog"
)

// partBytes is how much is sent at a time; the server takes up to 4 MiB.
const partBytes = 1 << 20

// partWriter gathers records to parts.
type partWriter struct {
	ctx      context.Context
	skip     uint64 // records that were taken before
	buf      []byte
	records  uint64
	send     func(body []byte) error
	progress *progress
}

// add takes a record; the frame may be reused.
func (w *partWriter) add(f syslog.Frame) error {
	if w.skip > 0 {
		w.skip--
		return nil
	}
	w.buf = binary.AppendUvarint(w.buf, uint64(len(f.Data)))
	w.buf = binary.AppendUvarint(w.buf, uint64(max(f.Original, len(f.Data))))
	w.buf = append(w.buf, f.Data...)
	w.records++
	if len(w.buf) < partBytes {
		return nil
	}
	return w.flush()
}

func (w *partWriter) flush() error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if err := w.send(w.buf); err != nil {
		return err
	}
	w.progress.add(int(w.records))
	w.buf, w.records = w.buf[:0], 0
	return nil
}

// post sends a part and learns how much has been taken.
func (i *importing) post(body []byte) error {
	q := url.Values{
		"file": {i.hash}, "path": {i.path}, "from": {strconv.FormatUint(i.state.Records, 10)}, "received": {i.received.UTC().Format(time.RFC3339Nano)},
		"source": {i.Source}, "device": {i.Device}, "timezone": {i.Timezone}, "encoding": {i.Encoding},
		"detect": {strconv.FormatBool(i.Detect)}, "done": {strconv.FormatBool(i.done)},
	}
	// Without the end of ctx: the server takes a part whole.
	res, err := i.cl.send(context.WithoutCancel(i.r.ctx), http.MethodPost, "import", q, bytes.NewReader(body), "application/octet-stream")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	i.sent = true
	return json.NewDecoder(res.Body).Decode(&i.state)
}
