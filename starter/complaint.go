package main

import "github.com/spf13/cobra"

func (a *app) complaints() *cobra.Command {
	return group("complaint", "See what is complained of, and learn from it", a.complaintReport(), a.complaintRegime())
}
