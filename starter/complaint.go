package main

import "github.com/spf13/cobra"

func (a *app) complaints() *cobra.Command {
	return group("complaint", "See by when complaints are answered", a.complaintRegime())
}
