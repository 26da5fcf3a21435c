package engine

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/compress"
)

// held is how much of an answer is kept back, bytes: an error that comes before
// that much was made still gets its own status. Clients that send
// wait_end_of_query want all of it so; they get heldWhole.
const (
	held      = 1 << 20
	heldWhole = 16 << 20
)

// response writes one answer: head and summary first while it is small, then
// streamed.
type response struct {
	w       http.ResponseWriter
	rc      *http.ResponseController
	timeout time.Duration
	tag     string
	gzip    bool
	native  compress.Method // of compress=1; 0 = none
	held    int
	buf     bytes.Buffer
	out     io.Writer // set once the head is out
	zip     *gzip.Writer
}

func (s *Server) respond(w http.ResponseWriter, r *http.Request, req *request) *response {
	resp := &response{w: w, rc: http.NewResponseController(w), timeout: s.cfg.ClientTimeout, tag: exceptionTag(), held: held}
	if req == nil {
		return resp
	}
	if req.query.Get("wait_end_of_query") == "1" {
		resp.held = heldWhole
	}
	switch {
	case req.query.Get("compress") == "1":
		resp.native = compress.LZ4
		if strings.EqualFold(req.query.Get("network_compression_method"), "ZSTD") {
			resp.native = compress.ZSTD
		}
	case req.query.Get("enable_http_compression") != "0" && takesGzip(r.Header.Get("Accept-Encoding")):
		resp.gzip = true
	}
	h := w.Header()
	h.Set("X-ClickHouse-Query-Id", req.id)
	h.Set("X-ClickHouse-Format", req.format)
	h.Set("Content-Type", contentType(req.format))
	return resp
}

// takesGzip reads Accept-Encoding (RFC 9110, 12.5.3); q=0 means not this one.
func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if _, q, _ := strings.Cut(weight, "q="); strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.Trim(q, " 0.") != "" || q == ""
		}
	}
	return false
}

// empty tells whether nothing was written yet.
func (p *response) empty() bool { return p.out == nil && p.buf.Len() == 0 }

// write takes a part of the answer.
func (p *response) write(b []byte) error {
	if p.out == nil && p.buf.Len()+len(b) <= p.held {
		p.buf.Write(b)
		return nil
	}
	if p.out == nil {
		p.start()
	}
	if err := p.flushHeld(); err != nil {
		return err
	}
	return p.send(b)
}

func (p *response) start() {
	h := p.w.Header()
	h.Set("X-ClickHouse-Exception-Tag", p.tag)
	p.out = p.w
	if p.gzip {
		h.Set("Content-Encoding", "gzip")
		p.zip, _ = gzip.NewWriterLevel(p.w, gzip.BestSpeed)
		p.out = p.zip
	}
	if p.native != 0 {
		p.out = &blockWriter{w: p.w, c: compress.NewWriter(compress.LevelZero, p.native)}
	}
	p.w.WriteHeader(http.StatusOK)
}

func (p *response) flushHeld() error {
	if p.buf.Len() == 0 {
		return nil
	}
	err := p.send(p.buf.Bytes())
	p.buf.Reset()
	return err
}

// send writes in pieces, giving the client its time with each.
func (p *response) send(b []byte) error {
	for len(b) > 0 {
		n := min(len(b), held)
		if err := p.rc.SetWriteDeadline(time.Now().Add(p.timeout)); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
		if _, err := p.out.Write(b[:n]); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
		b = b[n:]
	}
	return nil
}

// finish ends a good answer.
func (p *response) finish(s stats) error {
	if p.out == nil {
		p.w.Header().Set("X-ClickHouse-Summary", s.summary())
		if p.buf.Len() < 1400 {
			p.gzip = false
		}
		if p.native == 0 && !p.gzip || p.buf.Len() == 0 {
			p.native, p.gzip = 0, false
			p.w.Header().Set("Content-Length", strconv.Itoa(p.buf.Len()))
		}
		p.start()
	}
	if err := p.flushHeld(); err != nil {
		return err
	}
	if p.zip != nil {
		return p.zip.Close()
	}
	return nil
}

// fail ends an answer with an error: by status and text while nothing is out,
// else as ClickHouse's framed exception, and the connection is cut so that no
// client can take the part for the whole.
func (p *response) fail(e *Exception) {
	text := e.Message + "\n"
	if p.out == nil {
		h := p.w.Header()
		h.Set("Content-Type", "text/plain; charset=UTF-8")
		h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.Code))
		status := httpStatus(e.Code)
		if status == http.StatusServiceUnavailable {
			h.Set("Retry-After", "1")
		}
		if status == http.StatusUnauthorized || e.Code == codeAuthFailed {
			h.Set("WWW-Authenticate", `Basic realm="ClickHouse"`)
		}
		_ = p.rc.SetWriteDeadline(time.Now().Add(p.timeout)) // the write below fails by itself
		p.w.WriteHeader(status)
		_, _ = io.WriteString(p.w, text) // the client is gone: nobody to tell
		return
	}
	if p.native != 0 {
		p.out = p.w // as ClickHouse does: the frame is not compressed
	}
	frame := fmt.Sprintf("\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n", p.tag, text, len(text), p.tag)
	if p.send([]byte(frame)) == nil {
		if p.zip != nil {
			_ = p.zip.Flush() // the connection is cut next in any case
		}
		_ = p.rc.Flush()
	}
	panic(http.ErrAbortHandler)
}

// blockWriter writes ClickHouse's native compressed blocks.
type blockWriter struct {
	w io.Writer
	c *compress.Writer
}

func (b *blockWriter) Write(p []byte) (int, error) {
	if err := b.c.Compress(p); err != nil {
		return 0, err
	}
	if _, err := b.w.Write(b.c.Data); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (s stats) summary() string {
	return fmt.Sprintf(`{"read_rows":"%d","read_bytes":"%d","written_rows":"%d","written_bytes":"%d","total_rows_to_read":"0","result_rows":"%d","result_bytes":"0","elapsed_ns":"%d"}`,
		s.readRows, s.readBytes, s.writtenRows, s.writtenBytes, s.writtenRows, s.elapsedNs)
}

func exceptionTag() string {
	return strings.ToLower(rand.Text()[:16])
}

// appendable are the formats whose chunks make one document when they are put
// one after another; all others are made whole before they are sent.
var appendable = words(`native jsoneachrow jsonlines ndjson jsoncompacteachrow jsonstringseachrow jsoncompactstringseachrow
	tabseparated tsv tabseparatedraw tsvraw raw csv rowbinary lineasstring rawblob null`)

func contentType(format string) string {
	switch f := strings.ToLower(format); {
	case strings.HasPrefix(f, "json") && strings.HasSuffix(f, "eachrow"), f == "ndjson", f == "jsonlines":
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(f, "json"):
		return "application/json; charset=UTF-8"
	case strings.HasPrefix(f, "csv"):
		return "text/csv; charset=UTF-8; header=" + map[bool]string{true: "present", false: "absent"}[strings.Contains(f, "names")]
	case strings.HasPrefix(f, "tab"), strings.HasPrefix(f, "tsv"):
		return "text/tab-separated-values; charset=UTF-8"
	case f == "xml":
		return "application/xml; charset=UTF-8"
	case strings.HasPrefix(f, "pretty"), f == "vertical", f == "values", f == "markdown":
		return "text/plain; charset=UTF-8"
	}
	return "application/octet-stream"
}
