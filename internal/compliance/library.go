package compliance

import "time"

// Library is the rulebooks of an installation.
type Library struct {
	// Party is whose loans are collected; rules that do not bind it are left out. None: every rule applies.
	Party Party
}

// Shipped returns the rulebooks that come with Tender.
func Shipped() (*Library, error) { return Load("") }

// Load returns the shipped rulebooks together with those in a folder (*.yaml), of which one takes the place of a shipped one by
// bearing its name. No folder: only the shipped ones. An error names file, line and column.
func Load(dir string) (*Library, error) { return &Library{}, nil }

// Horizon is how far back any rule looks: older contacts count nowhere.
func (l *Library) Horizon() time.Duration { return 0 }

// For returns the rules of a jurisdiction such as us, us-ny or cn.
func (l *Library) For(jurisdiction string) Rules { return Rules{} }

// Rules are what binds in one place. They are read-only and safe for concurrent use.
type Rules struct{}

// Names returns the names of the rulebooks with their versions, such as us-federal@2026-03-09.
func (r Rules) Names() []string { return nil }
