//go:build !linux

package engine

import "syscall"

// dieWithParent leaves it to the child, which ends when its input is closed.
func dieWithParent() *syscall.SysProcAttr { return nil }
