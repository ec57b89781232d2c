package loan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tender-engine/tender/internal/closed"
)

// Component is a part of an installment.
type Component string

// The components.
const (
	OfFee       Component = "fee"
	OfInterest  Component = "interest"
	OfPrincipal Component = "principal"
)

// Components are all components, in the order in which a payment pays them unless an allocation says otherwise.
var Components = []Component{OfFee, OfInterest, OfPrincipal}

// UnmarshalText refuses a word that is no component.
func (c *Component) UnmarshalText(text []byte) (err error) {
	if *c = ""; len(text) == 0 {
		return nil
	}
	*c, err = closed.Parse("component", Components, string(text))
	return err
}

// Way is how a payment goes through what is overdue.
type Way string

// The ways.
const (
	// ByInstallment pays the oldest installment whole, then the next.
	ByInstallment Way = "by_installment"
	// ByComponent pays the first component of all overdue installments, oldest first, then the second of all.
	ByComponent Way = "by_component"
)

// Ways are both ways.
var Ways = []Way{ByInstallment, ByComponent}

// UnmarshalText refuses a word that is no way.
func (w *Way) UnmarshalText(text []byte) (err error) {
	if *w = ""; len(text) == 0 {
		return nil
	}
	*w, err = closed.Parse("way", Ways, string(text))
	return err
}

// Ahead is what a payment pays that is more than what is due.
type Ahead string

// What is paid ahead.
const (
	// NextFirst pays the next installment, then the one after it: the borrower may rest a while.
	NextFirst Ahead = "next"
	// LastFirst pays the last installment, then the one before it: the loan ends sooner.
	LastFirst Ahead = "last"
)

// Aheads are both.
var Aheads = []Ahead{NextFirst, LastFirst}

// UnmarshalText refuses a word that is not one of them.
func (a *Ahead) UnmarshalText(text []byte) (err error) {
	if *a = ""; len(text) == 0 {
		return nil
	}
	*a, err = closed.Parse("word for what is paid ahead", Aheads, string(text))
	return err
}

// Allocation is the order in which payments pay what is owed. What is overdue always comes first, then what is due on the
// day, then what lies ahead. The zero Allocation pays by installment, oldest first: fee, interest, principal.
type Allocation struct {
	Order
	// Ahead is what is paid ahead first. Default: next.
	Ahead Ahead `json:"ahead,omitempty"`
	// Later are orders that take the place of the first once the loan is that old; in rising order of days.
	Later []LaterOrder `json:"later,omitempty"`
}

// Order is one order of payment.
type Order struct {
	// Way is by_installment or by_component. Default: by_installment.
	Way Way `json:"way,omitempty"`
	// Components is the order of all three components. Default: fee, interest, principal.
	Components []Component `json:"components,omitempty"`
}

// LaterOrder is an order for loans that are past due for long, as for those that no longer perform.
type LaterOrder struct {
	// FromDays is the number of past-due days, on the payment's value date, from which it is used.
	FromDays int `json:"from_past_due_days"`
	Order
}

// at returns the order for a payment when a loan is so many days past due.
func (a Allocation) at(pastDueDays int) Order {
	order := a.Order
	for _, later := range a.Later {
		if pastDueDays >= later.FromDays {
			order = later.Order
		}
	}
	return order
}

// validate refuses orders in which a component is missing or stands twice, and ages that do not rise. Its errors start
// with the field.
func (a Allocation) validate() error {
	if err := a.Order.validate(); err != nil {
		return fmt.Errorf("allocation.%w", err)
	}
	for n, later := range a.Later {
		if later.FromDays < 1 || n > 0 && later.FromDays <= a.Later[n-1].FromDays {
			return fmt.Errorf("allocation.later[%d].from_past_due_days: %d must be at least 1 and greater than the one before", n, later.FromDays)
		}
		if err := later.Order.validate(); err != nil {
			return fmt.Errorf("allocation.later[%d].%w", n, err)
		}
	}
	return nil
}

func (o Order) validate() error {
	if len(o.Components) == 0 {
		return nil
	}
	for _, c := range Components {
		if !slices.Contains(o.Components, c) || len(o.Components) != len(Components) {
			return errors.New("components: must name fee, interest and principal, each once, in the order in which they are paid")
		}
	}
	return nil
}

// places are the components' places in a [split], in the order in which they are paid.
func (o Order) places() [parts]int {
	places := [parts]int{0, 1, 2}
	for n, c := range o.Components {
		places[n%parts] = c.place()
	}
	return places
}

// first returns the order with a component before the others; the same order if none is named.
func (o Order) first(c Component) Order {
	if c == "" {
		return o
	}
	components := []Component{c}
	for _, place := range o.places() {
		if other := Components[place]; other != c {
			components = append(components, other)
		}
	}
	return Order{Way: o.Way, Components: components}
}

// parts is how many components there are.
const parts = 3

// place is the place of a component in a [split].
func (c Component) place() int {
	switch c {
	case OfInterest:
		return 1
	case OfPrincipal:
		return 2
	}
	return 0
}
