package intake_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/intake"
)

// BenchmarkTake measures the door alone, with journeys that answer at once: payments one after the other, from many
// senders, in batches, and as repeats.
func BenchmarkTake(b *testing.B) {
	h := newHouse(b)
	const loans = 50
	for n := range loans {
		h.must(disbursed(fmt.Sprintf("L-%d", n), fmt.Sprintf("B-%d", n)))
	}
	var count atomic.Int64
	next := func() string {
		n := count.Add(1)
		return paid(fmt.Sprintf("L-%d", n%loans), fmt.Sprintf("P-%d", n))
	}
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			h.must(next())
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				h.must(next())
			}
		})
	})
	b.Run("batch of 500", func(b *testing.B) {
		for b.Loop() {
			batch := make([]cloudevent, 500)
			for n := range batch {
				e, err := intake.Parse([]byte(next()))
				require.NoError(b, err)
				batch[n] = e
			}
			for _, taken := range h.door.TakeAll(b.Context(), batch, "bench") {
				require.NoError(b, taken.Err)
			}
		}
	})
	b.Run("repeat", func(b *testing.B) {
		text := next()
		for b.Loop() {
			h.must(text)
		}
	})
}
