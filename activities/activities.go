// Package activities holds every side effect of a journey: deciding (which reads and writes Postgres), sending, giving
// work to people, telling the lending system. Each is idempotent under a key that the workflow chose.
package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/temporal"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/store"
)

// fault turns an error into one that may leave an activity: a code, and nothing of the text, which may repeat what
// Postgres or a provider said about a person.
func fault(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	code, failure := store.Code(err), (*channel.Failure)(nil)
	if errors.As(err, &failure) {
		code = failure.Code
	}
	return temporal.NewApplicationError(code, code)
}
