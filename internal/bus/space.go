package bus

import (
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// space is the free room of the volume, as it was when last looked at.
type space struct {
	checked atomic.Int64 // Unix nanoseconds
	free    atomic.Int64 // bytes
}

// checkSpace keeps the reserve of the volume free: at its real end JetStream
// answers nothing and stays stuck, while here publishing waits with a clear
// error. Events keep the whole reserve, so that verdicts, alerts and incidents
// about what was accepted still find room; these keep a quarter. It looks once a
// second at most.
func (b *Bus) checkSpace(stream string) error {
	if len(b.cfg.Servers) > 0 {
		return nil
	}
	last, now := b.space.checked.Load(), time.Now().UnixNano()
	if now-last > int64(time.Second) || now < last {
		free, err := freeBytes(b.cfg.Dir)
		if err != nil {
			return fmt.Errorf("look at the free space of %s: %w", b.cfg.Dir, err)
		}
		b.space.free.Store(free)
		b.space.checked.Store(now)
	}
	reserve := b.cfg.Reserve
	if stream != Events {
		reserve /= 4
	}
	if b.space.free.Load() < reserve {
		return fmt.Errorf("%w: less than %d MiB free on the volume of %s; free some space or move the data folder", ErrFull, reserve>>20, b.cfg.Dir)
	}
	return nil
}

func freeBytes(dir string) (int64, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil // its type differs between systems
}
