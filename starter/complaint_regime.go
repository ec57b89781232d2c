package main

import (
	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/compliance/calendar"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/report"
)

func (a *app) complaintRegime() *cobra.Command {
	return group("regime", "See by when complaints are answered where, and who can have more time", shelf[report.Regime]{
		word: "regime", says: "the deadlines of a regime", path: "tender complaint regime", known: "gb", file: "rules/complaints/lender.yaml",
		all: func(dir string) ([]report.Regime, error) {
			library, err := intake.Regimes(dir)
			if err != nil {
				return nil, err
			}
			return report.Regimes(library), nil
		},
		one: func(file string, text []byte, calendars *calendar.Calendars) (report.Regime, error) {
			regime, err := complaint.Parse(file, text, func(code string) (complaint.Calendar, bool) { return calendars.For(code) })
			if err != nil {
				return report.Regime{}, err
			}
			return report.RegimeOf(regime), nil
		},
		about: func(r report.Regime) (name, version, has string) {
			return r.ID, r.Version, report.Count(int64(len(r.Deadlines)), "deadline")
		},
		list: report.WriteRegimes, show: report.WriteRegime,
	}.commands(a)...)
}
