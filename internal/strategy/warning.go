package strategy

import (
	"fmt"
	"slices"
	"strings"

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
	return append(all, s.careWarnings()...)
}

// careWarnings say what keeps somebody vulnerable from being accompanied as such, and which segments are for everybody or nobody.
func (s *Strategy) careWarnings() (all []string) {
	cared := len(s.Segments) == 0
	for n, g := range s.Segments {
		when := strings.Join(strings.Fields(g.When), " ")
		if !g.fits.Asks() {
			all = append(all, fmt.Sprintf("segment %s: its condition asks about nothing: it is for every loan, or for none", g.Name))
		}
		switch terms := strings.Split(when, " || "); {
		case cared:
		case slices.Contains(terms, "borrower.vulnerable"), slices.Contains(terms, "borrower.vulnerable == true"):
			cared = true
		case g.Name == "vulnerable":
			cared = true // one that is for some of them is what its name says, and more is said here
			all = append(all, "segment vulnerable: its condition is not borrower.vulnerable, so that some who need special care are not in it")
		case !strings.Contains(when, "!borrower.vulnerable") && slices.ContainsFunc(s.Segments[n:], func(g Segment) bool { return g.Name == "vulnerable" }):
			all = append(all, fmt.Sprintf("segment %s comes before vulnerable: who needs special care and fits it is accompanied like everybody in it", g.Name))
		}
	}
	return all
}
