package agent

import (
	"fmt"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// folderLock keeps a second agent off the folder.
type folderLock struct{ handle windows.Handle }

func lockFolder(folder string) (*folderLock, error) {
	name, err := windows.UTF16PtrFromString(filepath.Join(folder, "lock"))
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(name, windows.GENERIC_WRITE, 0, nil, windows.OPEN_ALWAYS, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, fmt.Errorf("folder %s is in use by another agent: %w", folder, err)
	}
	return &folderLock{h}, nil
}

func (l *folderLock) release() error { return windows.CloseHandle(l.handle) }
