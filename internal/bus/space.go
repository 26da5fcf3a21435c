package bus

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// checkSpace keeps the reserve of the volume free: at its real end JetStream
// answers nothing and stays stuck, while here publishing waits with a clear
// error. It looks once a second at most.
func (b *Bus) checkSpace(now bool) error {
	if len(b.cfg.Servers) > 0 {
		return nil
	}
	last, t := b.spaceChecked.Load(), time.Now().UnixNano()
	if now || t-last > int64(time.Second) {
		b.spaceChecked.Store(t)
		free, err := freeBytes(b.cfg.Dir)
		if err != nil {
			return fmt.Errorf("look at the free space of %s: %w", b.cfg.Dir, err)
		}
		b.spaceShort.Store(free < b.cfg.Reserve)
	}
	if b.spaceShort.Load() {
		return fmt.Errorf("%w: less than %d MiB free on the volume of %s; free some space or move the data folder", ErrFull, b.cfg.Reserve>>20, b.cfg.Dir)
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
	return int64(st.Bavail) * st.Bsize, nil
}
