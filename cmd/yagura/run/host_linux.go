package run

import "syscall"

// volume returns free and total bytes of a folder's volume; free is what an
// ordinary user may take.
func volume(dir string) (free, total uint64, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, 0, err
	}
	size := uint64(st.Bsize)
	return st.Bavail * size, st.Blocks * size, nil
}

// timeError is adjtimex's state of a clock that nobody keeps right (adjtimex(2)).
const timeError = 5

// clockSynced asks the kernel; known is false where it does not say.
func clockSynced() (known, synced bool) {
	var tx syscall.Timex
	state, err := syscall.Adjtimex(&tx)
	return err == nil, state != timeError
}
