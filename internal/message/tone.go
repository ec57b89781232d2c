package message

import (
	"slices"

	"github.com/tender-engine/tender/internal/closed"
)

// Tone is how a message speaks. There is no threatening one.
type Tone string

// The tones, from the softest.
const (
	Warm     Tone = "warm"
	Neutral  Tone = "neutral"
	FirmKind Tone = "firm-kind"
)

// Tones are all tones, from the softest.
var Tones = []Tone{Warm, Neutral, FirmKind}

// UnmarshalText refuses a word that is no tone.
func (t *Tone) UnmarshalText(text []byte) (err error) {
	*t, err = closed.Parse("tone", Tones, string(text))
	return err
}

// Firmer reports whether a tone is firmer than another. No tone at all is the softest.
func (t Tone) Firmer(than Tone) bool { return slices.Index(Tones, t) > slices.Index(Tones, than) }

// ToneOf returns the tone of a template; none when there is no such template.
func ToneOf(template string) Tone { return shipped().templates[template].Tone }
