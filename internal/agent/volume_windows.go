package agent

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// volumeOf is the volume of a folder. Free is what this account may still write.
func volumeOf(dir string) (volume, bool) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return volume{}, false
	}
	var free, total, all uint64
	if windows.GetDiskFreeSpaceEx(name, &free, &total, &all) != nil {
		return volume{}, false
	}
	id := uint64(0)
	for _, c := range filepath.VolumeName(dir) {
		id = id*131 + uint64(c)
	}
	return volume{id, total, total - min(total, all), free}, true
}
