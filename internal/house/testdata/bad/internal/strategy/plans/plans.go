package plans

import (
	"net/http" // want: net/http is banned here: it depends on the world
	"os"
)

var (
	_, _ = http.Get, os.ReadFile
	_    = os.Getenv // want: os.Getenv is banned here: it depends on the machine
)
