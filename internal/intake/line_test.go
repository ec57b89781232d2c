package intake_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// line is a connection to Postgres that can be cut.
type line struct {
	t        testing.TB
	url      string
	at, to   string
	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
}

func newLine(t testing.TB, to string) *line {
	t.Helper()
	parsed, err := url.Parse(to)
	require.NoError(t, err)
	l := &line{t: t, to: parsed.Host, at: "127.0.0.1:0", open: map[net.Conn]bool{}}
	l.mend()
	parsed.Host = l.at
	l.url = parsed.String()
	t.Cleanup(l.cut)
	return l
}

// mend lets connections through again.
func (l *line) mend() {
	l.t.Helper()
	listener, err := net.Listen("tcp", l.at)
	require.NoError(l.t, err)
	l.mu.Lock()
	l.listener, l.at = listener, listener.Addr().String()
	l.mu.Unlock()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go l.serve(conn)
		}
	}()
}

func (l *line) serve(from net.Conn) {
	to, err := net.Dial("tcp", l.to)
	if err != nil {
		_ = from.Close()
		return
	}
	l.mu.Lock()
	l.open[from], l.open[to] = true, true
	l.mu.Unlock()
	go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
	_, _ = io.Copy(from, to)
	_ = from.Close()
}

// cut ends every connection and lets none through.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.listener.Close()
	for conn := range l.open {
		_ = conn.Close()
		delete(l.open, conn)
	}
}
