//go:build !windows

package agent

import (
	"errors"
	"os"
	"syscall"
)

// idOf tells a file from all others of the host.
func idOf(_ string, info os.FileInfo) (fileID, error) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileID{}, errors.New("the system tells no inode")
	}
	return fileID{uint64(st.Dev), st.Ino}, nil //nolint:unconvert // other systems have other types
}

// idOfFile is idOf for an open file.
func idOfFile(_ *os.File, info os.FileInfo) (fileID, error) { return idOf("", info) }

// openShared opens a file for reading.
func openShared(path string) (*os.File, error) { return os.Open(path) }
