package agent

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/zlib"
)

// ljInflater is what reading a compressed frame needs.
type ljInflater struct {
	zip io.ReadCloser
	in  *bufio.Reader // what zip gives
}

// open begins a compressed frame of n bytes.
func (r *ljReader) open(n uint32) (err error) {
	if r.zip != nil {
		return ljError("a compressed frame inside a compressed frame")
	}
	if n > ljMaxPacked {
		return ljError("a compressed frame of %d bytes; at most %d are taken", n, ljMaxPacked)
	}
	r.packed = ljPacked{conn: r.conn, left: int(n)}
	z, _ := r.pool.Get().(*ljInflater)
	if z == nil {
		z = &ljInflater{in: bufio.NewReaderSize(nil, 8<<10)}
		z.zip, err = zlib.NewReader(&r.packed)
	} else {
		err = z.zip.(zlib.Resetter).Reset(&r.packed, nil)
	}
	if err != nil {
		return r.packed.fault(whole(err))
	}
	z.in.Reset(&ljInflated{zip: z.zip, packed: &r.packed})
	r.zip = z
	return nil
}

// ended tells whether the compressed frame is over, and leaves it then.
func (r *ljReader) ended() (bool, error) {
	if _, err := r.zip.in.Peek(1); err != io.EOF {
		return false, err
	}
	r.pool.Put(r.zip)
	r.zip = nil
	left := r.packed.left
	r.packed.left = 0
	_, err := r.conn.Discard(left)
	return true, whole(err)
}

// ljPacked is the inside of a compressed frame as it stands in the stream.
type ljPacked struct {
	conn *bufio.Reader
	left int
	read int
	err  error // of the connection
}

// Read implements io.Reader.
func (p *ljPacked) Read(b []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	n, err := p.conn.Read(b[:min(len(b), p.left)])
	p.left -= n
	p.read += n
	p.err = whole(err)
	return n, p.err
}

// ReadByte implements io.ByteReader: what inflates reads no byte too many.
func (p *ljPacked) ReadByte() (byte, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	b, err := p.conn.ReadByte()
	if err == nil {
		p.left--
		p.read++
	}
	p.err = whole(err)
	return b, p.err
}

// ljInflated is the inside of a compressed frame, within the bounds.
type ljInflated struct {
	zip    io.Reader
	packed *ljPacked
	n      int
}

// Read implements io.Reader.
func (i *ljInflated) Read(b []byte) (int, error) {
	n, err := i.zip.Read(b)
	i.n += n
	if i.n > ljMaxInflated || i.n > ljFree && i.n/ljRatio > i.packed.read {
		return 0, ljError("a compressed frame of %d bytes holds more than %d; at most %d and %d times as many are taken",
			i.packed.read, i.n-n, ljMaxInflated, ljRatio)
	}
	return n, i.packed.fault(err)
}

// fault tells what is wrong with the bytes from what is wrong with the connection.
func (p *ljPacked) fault(err error) error {
	switch {
	case err == nil || err == io.EOF:
		return err
	case p.err != nil:
		return p.err
	}
	return ljError("a compressed frame: %v", err)
}
