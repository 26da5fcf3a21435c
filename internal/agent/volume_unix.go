//go:build !windows

package agent

import (
	"os"

	"golang.org/x/sys/unix"
)

// volumeOf is the volume of a folder. Free is what its users may still write.
func volumeOf(dir string) (volume, bool) {
	var s unix.Statfs_t
	info, err := os.Stat(dir)
	if err != nil || unix.Statfs(dir, &s) != nil {
		return volume{}, false
	}
	id, err := idOf(dir, info)
	size := uint64(s.Bsize) //nolint:unconvert // other systems have other types
	return volume{id.device, s.Blocks * size, (s.Blocks - s.Bfree) * size, s.Bavail * size}, err == nil
}
