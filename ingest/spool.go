package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"yagura/internal/event"
)

// suffix of a spooled block; a file without it is being written.
const (
	suffix     = ".block"
	unfinished = ".tmp"
)

// keep writes a block that the bus did not take to the spool. It returns nil when
// the block is on disk there.
func (p *Packer) keep(id event.ID, packed []byte, events uint64, cause error) error {
	if p.cfg.Spool == "" {
		p.stats.Lost.Add(events)
		p.log.Error("ingest: a block could not be published and there is no spool", "events", events, "err", cause)
		return cause
	}
	name := filepath.Join(p.cfg.Spool, fmt.Sprintf("%020d-%020d%s", id.Epoch, id.Seq, suffix))
	if err := writeSynced(name, packed); err != nil {
		p.stats.Lost.Add(events)
		p.log.Error("ingest: a block could not be published nor spooled", "events", events, "err", errors.Join(cause, err))
		return errors.Join(cause, err)
	}
	p.stats.Spooled.Add(events)
	p.log.Warn("ingest: the bus took a block too late; it waits in the spool for the next start", "events", events, "file", name)
	return nil
}

func writeSynced(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	tmp := strings.TrimSuffix(name, suffix) + unfinished
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, name); err != nil {
		return err
	}
	return syncDir(filepath.Dir(name))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// replaySpool publishes what an earlier stop left behind, oldest first. A block
// keeps its identity, so that one whose fate was unknown is stored once. Blocks
// that cannot be published stay for the next start.
func (p *Packer) replaySpool(ctx context.Context) error {
	if p.cfg.Spool == "" {
		return nil
	}
	entries, err := os.ReadDir(p.cfg.Spool)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the spool: %w", err)
	}
	var names []string
	for _, e := range entries {
		name := filepath.Join(p.cfg.Spool, e.Name())
		switch {
		case strings.HasSuffix(name, suffix):
			names = append(names, name)
		case strings.HasSuffix(name, unfinished):
			_ = os.Remove(name) // cut short by a kill: it never counted
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if err := p.replay(ctx, name); err != nil && ctx.Err() == nil {
			p.log.Error("ingest: a spooled block could not be published and stays for the next start", "file", name, "err", err)
		}
	}
	return nil
}

func (p *Packer) replay(ctx context.Context, name string) error {
	packed, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read the spool: %w", err)
	}
	block, err := event.Unpack(packed)
	if err != nil {
		return errors.Join(fmt.Errorf("damaged, and put aside as %s.damaged: %w", filepath.Base(name), err), os.Rename(name, name+".damaged"))
	}
	if _, err := p.pub.PublishBlock(ctx, block.ID, packed); err != nil {
		return fmt.Errorf("publish the spool: %w", err)
	}
	p.stats.Blocks.Add(1)
	p.stats.Events.Add(uint64(block.Len()))
	return os.Remove(name)
}
