//go:build odd

package loan

import (
	"database/sql" // want: database/sql is banned here: it depends on the world
	stdtime "time"

	"go.temporal.io/sdk/temporal" // want: go.temporal.io/sdk/temporal is banned here: only workflows, activities and what starts them know of Temporal

	"github.com/tender-engine/tender/internal/contact" // want: internal/loan must not use internal/contact, which stands above it
)

type Amount float64 // want: float64 is banned here: neither money nor a score has floating point

func Today() stdtime.Time {
	_, _, _ = sql.Open, temporal.RetryPolicy{}, contact.SMS
	return stdtime.Now() // want: time.Now is banned here: the time is an argument
}
