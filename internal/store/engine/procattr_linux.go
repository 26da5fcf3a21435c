package engine

import "syscall"

// dieWithParent has the kernel kill the child when the thread that started it
// ends; the starter therefore holds its thread until the child is gone.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
