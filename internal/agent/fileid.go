package agent

import (
	"fmt"
)

// fileID is device and inode; on Windows volume and file index.
type fileID struct{ device, inode uint64 }

// String is the form in marks.
func (id fileID) String() string { return fmt.Sprintf("%x-%x", id.device, id.inode) }

func parseID(text string) (id fileID, ok bool) {
	n, err := fmt.Sscanf(text, "%x-%x", &id.device, &id.inode)
	return id, n == 2 && err == nil
}
