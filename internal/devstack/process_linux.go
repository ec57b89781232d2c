package devstack

import "syscall"

// kernelKillsOrphans tells whether dieWithParent does what it says.
const kernelKillsOrphans = true

// dieWithParent has the kernel signal the process when the thread that started it dies, so that even a SIGKILL of this
// process leaves no child behind.
func dieWithParent(attr *syscall.SysProcAttr, s syscall.Signal) { attr.Pdeathsig = s }
