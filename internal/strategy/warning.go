package strategy

import (
	"fmt"
	"slices"

	"github.com/tender-engine/tender/internal/message"
)

// Warnings are what a strategy may say, and probably does not mean.
func (s *Strategy) Warnings() []string {
	all := []string{}
	warn := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if s.Title == "" {
		warn("title is missing: people read it in front of the name")
	}
	for _, segment := range s.Names() {
		tier, _ := s.Tier(segment)
		firmest, offered := message.Tone(""), false
		for n, step := range tier.Ladder.Steps {
			offered = offered || step.OfferPlan
			if tone := message.ToneOf(step.Template); step.Do == Message {
				if tone.Firmer(firmest) {
					firmest = tone
				} else if firmest.Firmer(tone) {
					warn("segment %s: %s is softer than what comes before it: who is written to kindly after a firm word may not believe the next one", segment, step.Name)
				}
			}
			if n > 0 && step.Day-tier.Ladder.Steps[n-1].Day < tier.Ladder.MinGapDays {
				warn("segment %s: %s is planned %d days after %s, but min_gap_days is %d: it comes later than it says",
					segment, step.Name, step.Day-tier.Ladder.Steps[n-1].Day, tier.Ladder.Steps[n-1].Name, tier.Ladder.MinGapDays)
			}
		}
		if !offered {
			warn("segment %s: no step offers a plan", segment)
		}
		if segment == "vulnerable" && firmest.Firmer(message.Neutral) {
			warn("segment %s: speaks in the tone %s", segment, firmest)
		}
	}
	if len(s.Segments) > 0 && !slices.ContainsFunc(s.Segments, func(g Segment) bool { return g.Name == "vulnerable" }) {
		warn("no segment is called vulnerable: people who need special care are accompanied like everybody else")
	}
	return all
}
