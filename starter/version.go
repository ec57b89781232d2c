package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/report"
)

// build says which program this is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print which version this is",
		Example: "  tender version -o json",
		Args:    takes(),
		RunE: a.does(func(context.Context, []string) error {
			b := readBuild()
			return a.print(b, func(w io.Writer, _ report.Style) error {
				_, err := fmt.Fprintf(w, "tender %s (%s, %s)\n", strings.TrimSpace(b.Version+" "+b.Revision), b.Go, b.Platform)
				return err
			})
		}),
	}
}

// readBuild reads what the compiler wrote into the program.
func readBuild() build {
	b := build{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = info.Main.Version
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.Revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			b.Revision += "+changes"
		}
	}
	return b
}
