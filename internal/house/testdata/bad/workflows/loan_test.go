package workflows

import (
	"os"
	"time"
)

func wait() {
	_ = os.Getenv("HOME")
	time.Sleep(time.Second) // want: time.Sleep is banned here: wait for a condition, not for a duration
}
