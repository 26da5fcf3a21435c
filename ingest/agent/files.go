package agent

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
)

// lockFile takes a lock that processes share, making its folder if need be.
func lockFile(path string) (unlock func(), err error) {
	folder := filepath.Dir(path)
	if _, err := os.Stat(folder); err != nil {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
		adopt(folder)
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return nil, err
	}
	adopt(path)
	return func() { _ = lock.Unlock() }, nil
}

// writeFile replaces a file whole and on disk, readable by its owner only.
func writeFile(path string, text []byte) error {
	f, err := renameio.NewPendingFile(path, renameio.WithStaticPermissions(0o600))
	if err != nil {
		return err
	}
	defer func() { _ = f.Cleanup() }()
	if _, err := f.Write(text); err != nil {
		return err
	}
	if uid, gid, ok := owner(filepath.Dir(path)); ok {
		if err := f.Chown(uid, gid); err != nil {
			return err
		}
	}
	return f.CloseAtomicallyReplace()
}

// adopt gives what root has made to the user who runs yagura: who owns the folder.
func adopt(path string) {
	if uid, gid, ok := owner(filepath.Dir(path)); ok {
		_ = os.Lchown(path, uid, gid)
	}
}

// owner is who owns a folder, if we are root and may give things away.
func owner(folder string) (uid, gid int, ok bool) {
	if os.Geteuid() != 0 {
		return 0, 0, false
	}
	info, err := os.Stat(folder)
	if err != nil {
		return 0, 0, false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid == 0 {
		return 0, 0, false
	}
	return int(st.Uid), int(st.Gid), true
}
