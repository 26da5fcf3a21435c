package syslog

import "io/fs"

// Owner is the user and group of a unix socket's file.
type Owner struct {
	Set      bool // else it stays with this process's
	UID, GID int  // -1: stays
}

// DefaultMode lets every user of the host send, as on /dev/log.
const DefaultMode fs.FileMode = 0o666
