package main

import (
	"net"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestServeSaysWhoHasItsPort(t *testing.T) {
	t.Parallel()
	holder, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer holder.Close()
	port := itoa(holder.Addr().(*net.TCPAddr).Port)
	x := onDatabase(t, "postgres://kim@127.0.0.1:1/loans")
	got := x.run("serve --listen 127.0.0.1:" + port)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "gateway: port "+port+" is taken by process "+itoa(os.Getpid())+" (")
	require.Contains(t, got.err, "stop that process or choose another port (--listen HOST:PORT, or TENDER_LISTEN)")
}
