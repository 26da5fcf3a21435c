package bus

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// reasonHeader holds why a message was set aside, at most maxReason bytes.
const (
	reasonHeader = "Yagura-Reason"
	maxReason    = 1000
)

// DeadLetter is a message that no stage could read.
type DeadLetter struct {
	Stream string    `json:"stream"` // it came from
	Seq    uint64    `json:"seq"`    // there
	Reason string    `json:"reason"`
	At     time.Time `json:"at"` // set aside
	Data   []byte    `json:"data"`
}

// DeadFrom reads dead letters. Who reads them must tell the operator: what the
// stage "tell" has confirmed may be moved to a file, see Trim.
func (b *Bus) DeadFrom(ctx context.Context, stage string, from uint64) (*Reader[DeadLetter], error) {
	return newReader(ctx, b, Dead, stage, from, func(m jetstream.Msg) (DeadLetter, error) {
		meta, err := m.Metadata()
		if err != nil {
			return DeadLetter{}, err
		}
		return deadLetter(m.Headers(), m.Data(), meta.Timestamp), nil
	})
}

// deadLetter takes what is there: a dead letter is never unreadable itself.
func deadLetter(h nats.Header, data []byte, at time.Time) DeadLetter {
	d := DeadLetter{Reason: h.Get(reasonHeader), At: at, Data: data}
	id, _ := strings.CutPrefix(h.Get(jetstream.MsgIDHeader), "dead/")
	stream, seq, _ := strings.Cut(id, "/")
	d.Stream = stream
	d.Seq, _ = strconv.ParseUint(seq, 10, 64)
	return d
}

// publishDead sets a message aside that no stage can handle.
func (b *Bus) publishDead(ctx context.Context, data []byte, stream string, seq uint64, reason error) error {
	msg := nats.NewMsg("yagura.dead." + b.cfg.Tenant)
	msg.Header.Set(jetstream.MsgIDHeader, "dead/"+stream+"/"+strconv.FormatUint(seq, 10))
	text := reason.Error()
	msg.Header.Set(reasonHeader, strings.Map(oneLine, text[:min(len(text), maxReason)]))
	msg.Data = data
	_, err := b.publish(ctx, msg, Dead)
	return err
}

func oneLine(r rune) rune {
	if r < ' ' {
		return ' '
	}
	return r
}

// DeadFolder is where dead letters go when their stream is more than half full.
func (b *Bus) DeadFolder() string { return filepath.Join(b.cfg.Dir, "dead") }

// trimDead moves the oldest dead letters that the operator was told of into a file,
// so that there is always room for the next one: nothing is thrown away. Without
// free space it leaves them.
func (b *Bus) trimDead(ctx context.Context) error {
	s, err := b.js.Stream(ctx, Dead)
	if err != nil {
		return fmt.Errorf("trim %s: %w", Dead, err)
	}
	told, err := b.Confirmed(ctx, Dead, "tell")
	if err != nil {
		return err
	}
	to := purgeTo(s.CachedInfo(), told)
	if to == 0 {
		return nil
	}
	if free, err := freeBytes(b.cfg.Dir); err != nil || free < b.cfg.Reserve {
		return err // the file would take what the reserve is for
	}
	first := s.CachedInfo().State.FirstSeq
	name, err := b.moveDead(ctx, s, first, to)
	if err != nil {
		return fmt.Errorf("trim %s: %w", Dead, err)
	}
	if err := s.Purge(ctx, jetstream.WithPurgeSequence(to)); err != nil {
		return fmt.Errorf("trim %s: %w", Dead, err)
	}
	b.log.Warn("bus: dead letters were moved to a file, as their stream was half full", "file", name, "from", first, "to", to-1)
	return nil
}

// moveDead writes the dead letters from first up to, not including, to: one JSON
// object a line, the message itself as base64.
func (b *Bus) moveDead(ctx context.Context, s jetstream.Stream, first, to uint64) (name string, err error) {
	if err := os.MkdirAll(b.DeadFolder(), 0o700); err != nil {
		return "", err
	}
	name = filepath.Join(b.DeadFolder(), fmt.Sprintf("%020d-%020d.jsonl", first, to-1))
	f, err := os.OpenFile(name+".tmp", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	w := bufio.NewWriter(f)
	err = writeDead(ctx, json.NewEncoder(w), s, first, to)
	if err = errors.Join(err, w.Flush(), f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(name+".tmp"))
	}
	if err := os.Rename(name+".tmp", name); err != nil {
		return "", err
	}
	return name, syncFolder(b.DeadFolder())
}

func writeDead(ctx context.Context, out *json.Encoder, s jetstream.Stream, first, to uint64) error {
	for seq := first; seq < to; seq++ {
		m, err := s.GetMsg(ctx, seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := out.Encode(deadLetter(m.Header, m.Data, m.Time)); err != nil {
			return err
		}
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
