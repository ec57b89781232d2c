package devstack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// PortTaken is the error for a port that was asked for and is in use.
type PortTaken struct {
	Port    int
	PID     int    // of the process that listens there; 0 if that could not be found out
	Command string // its command line, cut to a readable length; empty if that could not be found out
}

func (e *PortTaken) Error() string {
	holder := "another process, which this user may not look at"
	if e.PID != 0 {
		holder = fmt.Sprintf("process %d (%s)", e.PID, e.Command)
	}
	return fmt.Sprintf("port %d is taken by %s; stop that process or choose another port", e.Port, holder)
}

// CheckPort returns nil if nobody listens on the loopback port, else *PortTaken. The port may be taken the next moment.
func CheckPort(port int) error {
	if port < 0 || port > 65535 {
		return fmt.Errorf("port %d does not exist; choose one from 1024 to 65535", port)
	}
	address := loopback(port)
	// On some systems one may listen on an address although somebody listens on all addresses: ask both ways.
	if conn, err := net.DialTimeout("tcp", address, time.Second); err == nil {
		_ = conn.Close()
		return portTaken(port)
	}
	listener, err := net.Listen("tcp", address)
	if err == nil {
		return listener.Close()
	}
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("port %d needs more rights than this user has; choose one above 1023", port)
	}
	return portTaken(port)
}

// handedOut are the ports that FreePort has returned: the system may well offer the same one twice in a row.
var handedOut sync.Map

// FreePort returns a port on which nobody listens, and which it has not returned before. Another process may take it before the caller does.
func FreePort() (int, error) {
	for range 100 {
		listener, err := net.Listen("tcp", loopback(0))
		if err != nil {
			return 0, fmt.Errorf("no free port on loopback: %w", err)
		}
		port := listener.Addr().(*net.TCPAddr).Port
		if err := listener.Close(); err != nil {
			return 0, err
		}
		if _, seen := handedOut.LoadOrStore(port, true); !seen {
			return port, nil
		}
	}
	return 0, errors.New("no free port on loopback after 100 tries")
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func portTaken(port int) *PortTaken {
	pid := listenerFromProc(port)
	if pid == 0 {
		pid = listenerFromLsof(port)
	}
	return &PortTaken{Port: port, PID: pid, Command: commandOf(pid)}
}

// listenerFromProc finds who listens on a port from Linux' /proc: the socket's inode in net/tcp, then the process that
// has it open. It returns 0 if there is no /proc or the process is another user's.
func listenerFromProc(port int) int {
	const listening = "0A"
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, _ := os.ReadFile(table)
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if len(f) > 9 && f[3] == listening && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
				sockets["socket:["+f[9]+"]"] = true
			}
		}
	}
	if len(sockets) == 0 {
		return 0
	}
	open, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, fd := range open {
		if target, err := os.Readlink(fd); err == nil && sockets[target] {
			pid, _ := strconv.Atoi(strings.Split(fd, "/")[2])
			return pid
		}
	}
	return 0
}

func listenerFromLsof(port int) int {
	out, _ := output("lsof", "-nP", "-t", fmt.Sprintf("-iTCP:%d", port), "-sTCP:LISTEN")
	first, _, _ := strings.Cut(out, "\n")
	pid, _ := strconv.Atoi(first)
	return pid
}

// commandOf is the command line of a process, in at most 80 characters.
func commandOf(pid int) string {
	if pid == 0 {
		return ""
	}
	command, _ := output("ps", "-o", "command=", "-p", strconv.Itoa(pid))
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		command = strings.TrimSpace(strings.ReplaceAll(string(text), "\x00", " "))
	}
	if r := []rune(command); len(r) > 80 {
		command = string(r[:77]) + "..."
	}
	return command
}

// output runs a small system tool and returns what it printed.
func output(name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).Output()
	return strings.TrimSpace(string(out)), err
}
