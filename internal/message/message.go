// Package message turns a template and the facts of a loan into the words that a borrower reads. The templates are data
// (en.yaml, zh-CN.yaml), checked when the program starts: kind, plain, and never without a smaller next step to take.
package message

import (
	"errors"
	"fmt"

	"github.com/tender-engine/tender/internal/contact"
)

// Fill is what a message names.
type Fill struct {
	// Name is the borrower's name, as they wish to be addressed; without one the greeting goes without.
	Name string
	// Lender is the name that the borrower knows the lender by.
	Lender string
	// Loan is the id of the loan.
	Loan string
	// Values are the other variables, already written as the reader shall see them: amount, due, past_due,
	// past_due_since, outstanding, currency, help.
	Values map[string]string
}

// Text is a rendered message. Subject is empty on channels that have none.
type Text struct{ Subject, Body string }

// ErrUnknownTemplate says that there is no template with a name.
var ErrUnknownTemplate = errors.New("unknown template")

// MissingValueError says that a template needs a value that was not given.
type MissingValueError struct{ Template, Name string }

// Error names template and variable; values are personal and never part of it.
func (e *MissingValueError) Error() string {
	return fmt.Sprintf("template %s needs the value %s; give it in the fill", e.Template, e.Name)
}

// Templates returns the names of all templates, sorted.
func Templates() []string { return nil }

// Render renders a template in a language for a channel. A language that has no catalogue falls back to its parent
// (zh-CN to zh), then to English.
func Render(template, language string, channel contact.Channel, fill Fill) (Text, error) {
	return Text{}, fmt.Errorf("%w %q", ErrUnknownTemplate, template)
}
