package activities

import (
	"time"

	"github.com/tender-engine/tender/internal/loan"
)

// Activities may look at the clock and at everything below.
var _, _ = time.Now, loan.Today
