package score

import "github.com/tender-engine/tender/internal/closed"

// Band is how likely a loan is to go wrong, as far as a score can say.
type Band string

// The bands, from the highest score to the lowest.
const (
	LowRisk    Band = "low"
	MediumRisk Band = "medium"
	HighRisk   Band = "high"
)

// Bands are all bands.
var Bands = []Band{LowRisk, MediumRisk, HighRisk}

// UnmarshalText refuses a word that is no band.
func (b *Band) UnmarshalText(text []byte) (err error) {
	if *b = ""; len(text) == 0 {
		return nil
	}
	*b, err = closed.Parse("band", Bands, string(text))
	return err
}

// Source is where an attribute's points come from.
type Source string

// The sources.
const (
	// Measured points come from accounts whose end is known.
	Measured Source = "measured"
	// Judged points are somebody's opinion, because there is nothing to measure them on.
	Judged Source = "judged"
)

// Sources are all sources.
var Sources = []Source{Measured, Judged}
