package embedded

import "syscall"

// dieWithParent makes the server end even if the process that watches over it
// is killed.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
