//go:build !linux

package devstack

import "syscall"

// kernelKillsOrphans tells whether dieWithParent does what it says.
const kernelKillsOrphans = false

// dieWithParent does nothing: no other kernel offers this, so each process gets a watchdog.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}
