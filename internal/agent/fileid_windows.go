package agent

import (
	"os"

	"golang.org/x/sys/windows"
)

// idOf tells a file from all others of the host.
func idOf(path string, _ os.FileInfo) (fileID, error) {
	f, err := openShared(path)
	if err != nil {
		return fileID{}, err
	}
	defer f.Close()
	return idOfFile(f, nil)
}

// idOfFile is idOf for an open file.
func idOfFile(f *os.File, _ os.FileInfo) (fileID, error) {
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &info); err != nil {
		return fileID{}, err
	}
	return fileID{uint64(info.VolumeSerialNumber), uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow)}, nil
}

// openShared opens a file for reading without keeping others from renaming,
// deleting or writing it: a rotation must not fail because of us.
func openShared(path string) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE,
		nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}
