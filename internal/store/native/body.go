package native

import (
	"bytes"
	"io"
	"sync"
)

// Body is a block of the Native format as the body of one request, written from the
// columns' own memory where their wire form lies there already. The columns must
// not change before End.
type Body struct {
	columns []Named
	whole   *bytes.Reader // for who reads instead of having it written

	mu    sync.Mutex
	ended bool
}

// NewBody makes the body of a request that stores the columns.
func NewBody(columns []Named) *Body { return &Body{columns: columns} }

// End returns when nobody reads the columns any more, and nobody will: a client may
// go on sending for a while after its request has failed.
func (b *Body) End() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
}

// Read reads the block, encoded as a whole.
func (b *Body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return 0, io.ErrClosedPipe
	}
	if b.whole == nil {
		b.whole = bytes.NewReader(Encode(nil, b.columns))
	}
	return b.whole.Read(p)
}

// maxPart is how much is gathered before it is written, bytes.
const maxPart = 64 << 10

// WriteTo writes the block.
func (b *Body) WriteTo(w io.Writer) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return 0, io.ErrClosedPipe
	}
	o := output{w: w, part: make([]byte, 0, 2*maxPart)}
	rows := 0
	if len(b.columns) > 0 {
		rows = b.columns[0].Column.Rows()
	}
	o.part = appendCounts(o.part, len(b.columns), rows)
	for _, c := range b.columns {
		o.part = appendHead(o.part, c)
		if rows > 0 {
			o.column(c.Column)
		}
	}
	o.flush()
	return o.n, o.err
}

func (o *output) column(c Column) {
	if direct, ok := c.(inPlace); ok {
		o.part = direct.prefix(o.part)
		o.put(direct.body())
	} else {
		o.part = c.Encode(o.part)
	}
	if len(o.part) >= maxPart {
		o.flush()
	}
}

// inPlace is a column whose wire form, after a short prefix, lies in memory.
type inPlace interface {
	prefix(dst []byte) []byte
	body() []byte
}

type output struct {
	w    io.Writer
	part []byte
	n    int64
	err  error
}

func (o *output) put(p []byte) {
	if len(p) < maxPart {
		o.part = append(o.part, p...)
		return
	}
	o.flush()
	o.write(p)
}

func (o *output) flush() {
	o.write(o.part)
	o.part = o.part[:0]
}

func (o *output) write(p []byte) {
	if o.err != nil || len(p) == 0 {
		return
	}
	n, err := o.w.Write(p)
	o.n, o.err = o.n+int64(n), err
}

func (c *Numbers[T]) prefix(dst []byte) []byte { return dst }
func (c *Numbers[T]) body() []byte             { return bytesOf(c.rows) }
func (c *Text) prefix(dst []byte) []byte       { return dst }
func (c *Text) body() []byte                   { return c.buf }
func (c *Fixed) prefix(dst []byte) []byte      { return dst }
func (c *Fixed) body() []byte                  { return c.buf }
func (c *Addresses) prefix(dst []byte) []byte  { return dst }
func (c *Addresses) body() []byte              { return c.buf }
func (c *TextList) prefix(dst []byte) []byte   { return append(dst, bytesOf(c.ends)...) }
func (c *TextList) body() []byte               { return c.values.buf }
func (c *Pairs) prefix(dst []byte) []byte {
	return c.keys.encodeBody(append(appendVersion(dst), bytesOf(c.ends)...))
}
func (c *Pairs) body() []byte { return c.values.buf }
