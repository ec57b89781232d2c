package devstack

import (
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
)

// watchdog is a small shell that outlives this process, if only for a moment: when its standard input closes without
// a word, this process is gone, and it ends the processes it knows of and removes the directories it was given. It is
// what cleans up after a SIGKILL, and after a test that ran out of time.
type watchdog struct {
	mu    sync.Mutex
	input io.WriteCloser
	cmd   *exec.Cmd
}

// The shell reads "+PID", "-PID", "/DIRECTORY" and "done". Processes get five seconds for an orderly end.
const watchdogScript = `
pids=
while IFS= read -r word; do
  case $word in
  done) exit 0 ;;
  /*) set -- "$@" "$word" ;;
  +*) pids="$pids ${word#+}" ;;
  -*) rest=; for pid in $pids; do [ "$pid" = "${word#-}" ] || rest="$rest $pid"; done; pids=$rest ;;
  esac
done
tries=0
for pid in $pids; do kill -INT "$pid" 2>/dev/null; done
while [ $tries -lt 50 ]; do
  alive=
  for pid in $pids; do kill -0 "$pid" 2>/dev/null && alive=yes; done
  [ "$alive" ] || break
  tries=$((tries + 1))
  sleep 0.1
done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
if [ $# -gt 0 ]; then rm -rf -- "$@"; fi
`

// startWatchdog starts a watchdog that has nothing to watch over yet.
func startWatchdog() (*watchdog, error) {
	w := &watchdog{cmd: exec.Command("/bin/sh", "-c", watchdogScript, "tender-watchdog")}
	w.cmd.Dir = "/"                                        // it must not stand in what it removes
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no Ctrl-C, no closing terminal may reach it
	var err error
	if w.input, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start the shell that cleans up after a crash: %w", err)
	}
	return w, nil
}

// remove has a directory removed.
func (w *watchdog) remove(dir string) { w.say(dir) }

// watch has a process ended; forget takes that back, for its id may soon be another's.
func (w *watchdog) watch(pid int)  { w.say(fmt.Sprintf("+%d", pid)) }
func (w *watchdog) forget(pid int) { w.say(fmt.Sprintf("-%d", pid)) }

// say ignores errors: a watchdog that was dismissed or killed has nothing more to learn.
func (w *watchdog) say(word string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = io.WriteString(w.input, word+"\n")
}

// dismiss ends the watchdog without any clean-up.
func (w *watchdog) dismiss() {
	w.say("done")
	_ = w.input.Close()
	_ = w.cmd.Wait()
}
