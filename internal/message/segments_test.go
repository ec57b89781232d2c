package message_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/message"
)

func TestTheSegmentsOfAnSMSAreCountedAsItIsCharged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		text     string
		segments int
		gsm      bool
	}{
		{"nothing", "", 0, true},
		{"one that is full", strings.Repeat("a", 160), 1, true},
		{"one sign too many", strings.Repeat("a", 161), 2, true},
		{"two that are full", strings.Repeat("a", 306), 2, true},
		{"one sign more than two hold", strings.Repeat("a", 307), 3, true},
		{"a euro takes two places", strings.Repeat("a", 158) + "€", 1, true},
		{"a euro too many", strings.Repeat("a", 159) + "€", 2, true},
		{"a euro is not torn apart", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), 3, true},
		{"accents of the alphabet", "Señor Müller à Malmö £5", 1, true},
		{"Chinese that fills one", strings.Repeat("好", 70), 1, false},
		{"Chinese, one sign too many", strings.Repeat("好", 71), 2, false},
		{"Chinese that fills two", strings.Repeat("好", 134), 2, false},
		{"Chinese, one more than two hold", strings.Repeat("好", 135), 3, false},
		{"a curly quote more than halves it", "It’s" + strings.Repeat("a", 67), 2, false},
		{"an emoji takes two places", strings.Repeat("🙂", 35), 1, false},
		{"an emoji is not torn apart", strings.Repeat("🙂", 67), 3, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			segments, gsm := message.Segments(c.text)
			require.Equal(t, c.gsm, gsm)
			require.Equal(t, c.segments, segments)
		})
	}
}
