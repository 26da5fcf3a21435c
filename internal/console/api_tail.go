package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"yagura/internal/event"
)

// Bounds of a tail.
const (
	tailChunk    = 64 << 10        // bytes handed over at once
	tailChunks   = 32              // chunks that wait for the client: 2 MiB
	tailPatience = 5 * time.Second // a client that keeps its chunks full for so long is too slow
)

// Why a tail ends before the client does.
var (
	errSlow     = errors.New("events come faster than they are read; the tail ends here, narrow the search")
	errDraining = errors.New("yagura is stopping")
	errLost     = errors.New("the subscription broke; start the tail again")
)

// tail answers with live events as JSON Lines until the client leaves.
func (c *Console) tail(w http.ResponseWriter, r *http.Request) {
	blocks, match, done, err := c.subscribe(r)
	if err != nil {
		c.refuse(w, err)
		return
	}
	defer done()
	w.Header().Set("Content-Type", ndjson)
	out := newLines(w)
	if out.flush() != nil { // the header tells the client that we watch
		return
	}
	chunks := make(chan []byte, tailChunks)
	ctx, cancel := context.WithCancel(r.Context())
	var why error // written before chunks is closed
	go func() {
		defer close(chunks)
		why = c.pump(ctx, blocks, match, chunks)
	}()
	defer func() {
		cancel()
		for range chunks { // let pump end before the subscription does
		}
	}()
	for chunk := range chunks {
		_, _ = out.buf.Write(chunk)
		if len(chunks) == 0 || out.buf.Available() < tailChunk {
			if out.flush() != nil {
				return
			}
		}
	}
	if r.Context().Err() == nil {
		out.end(why)
	}
}

func (c *Console) subscribe(r *http.Request) (blocks <-chan *event.Block, match func(event.Event) bool, done func(), err error) {
	if c.deps.Tail == nil {
		return nil, nil, nil, errAbsent
	}
	text := r.URL.Query().Get("q")
	if len(text) > maxQuery {
		return nil, nil, nil, badRequest("q: %d bytes; would be right: at most %d", len(text), maxQuery)
	}
	if match, err = c.deps.Tail.Match(text); err != nil {
		return nil, nil, nil, err
	}
	free, err := slot(r.Context(), c.tails)
	if err != nil {
		return nil, nil, nil, err
	}
	ctx, cancel := context.WithCancel(r.Context())
	leave := func() { cancel(); free() }
	defer func() {
		if blocks == nil { // an error or a panic
			leave()
		}
	}()
	c.audit(r, "tail", text)
	if blocks, err = c.deps.Tail.Subscribe(ctx); err != nil {
		return nil, nil, nil, err
	}
	return blocks, match, leave, nil
}

// pump writes matching events into chunks and says why it ended.
func (c *Console) pump(ctx context.Context, blocks <-chan *event.Block, match func(event.Event) bool, chunks chan<- []byte) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.stopping:
			return errDraining
		case b, ok := <-blocks:
			if !ok {
				return errLost
			}
			if err := pour(ctx, b, match, chunks); err != nil {
				return err
			}
		}
	}
}

func pour(ctx context.Context, b *event.Block, match func(event.Event) bool, chunks chan<- []byte) error {
	var chunk []byte
	for i := range b.Len() {
		e := b.Event(i)
		if !match(e) {
			continue
		}
		chunk = append(e.AppendJSON(chunk), '\n')
		if len(chunk) >= tailChunk {
			if err := give(ctx, chunk, chunks); err != nil {
				return err
			}
			chunk = nil
		}
	}
	if len(chunk) == 0 {
		return nil
	}
	return give(ctx, chunk, chunks)
}

func give(ctx context.Context, chunk []byte, chunks chan<- []byte) error {
	select {
	case chunks <- chunk:
		return nil
	default:
	}
	timer := time.NewTimer(tailPatience)
	defer timer.Stop()
	select {
	case chunks <- chunk:
		return nil
	case <-timer.C:
		return errSlow
	case <-ctx.Done():
		return ctx.Err()
	}
}
