package embedded

import "syscall"

// dieWithParent has no counterpart here; the parent kills the process group.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
