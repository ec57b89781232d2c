// Package script is what people say when they call a borrower. The scripts are data (scripts.yaml, and a wording for each
// language), checked before the first is read: whom one speaks to comes before what it is about, nothing is said of a debt
// before, to a machine or to anybody else, and every call ends with a smaller next step.
package script

import (
	"fmt"
	"strings"
	"text/template"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/message"
)

// Offer is a smaller next step that a call may end with.
type Offer string

// The offers.
const (
	// PayPart: pay a part now.
	PayPart Offer = "pay_part"
	// ChooseDate: pay by a date that the borrower chooses.
	ChooseDate Offer = "choose_date"
	// AskForPlan: hear which plans in hardship could be had.
	AskForPlan Offer = "plan"
	// BeCalledBack: talk another time.
	BeCalledBack Offer = "callback"
)

// Offers are all offers.
var Offers = []Offer{PayPart, ChooseDate, AskForPlan, BeCalledBack}

// Fill is what a script names. Everything but Lender can be missing.
type Fill struct {
	Name, Lender, Help, Loan string
	// PastDue and Outstanding are amounts such as 1000.00, in Currency.
	PastDue, Outstanding, Currency string
	PastDueSince                   bizclock.Date
	// Application, Product, Amount, Total and Installments are of a loan that was applied for, with FirstDue. Cost is what Total is more
	// than Amount: interest and fees. Amounts are in Currency.
	Application, Product, Amount, Total, Cost, Installments string
	FirstDue                                                bizclock.Date
}

// Text is a script with the facts of a loan in it. Everything but Say may be said before it is certain who answers.
type Text struct {
	Script   string `json:"script"`
	Language string `json:"language"`
	// Identity makes sure who answers, and comes first.
	Identity []string `json:"identity"`
	// Say is what the call is about.
	Say []string `json:"say"`
	// Offers are the smaller next steps, one of which the borrower may choose; Closing are the last words.
	Offers  []Said `json:"offers"`
	Closing string `json:"closing"`
	// Voicemail is what a machine is told, ThirdParty what anybody but the borrower is.
	Voicemail  string `json:"voicemail"`
	ThirdParty string `json:"third_party"`
}

// Said is an offer in words.
type Said struct {
	Offer Offer  `json:"offer"`
	Say   string `json:"say"`
}

// About is what a call is about: the step of a journey that it carries out, the reason of its task, and its purpose.
type About struct {
	Step, Reason string
	Purpose      contact.Purpose
}

// For returns what to say in a call, in the language of whoever is called; languages without a wording fall back as those of
// messages do.
func For(about About, language string, fill Fill) (Text, error) {
	all := shipped()
	name, kind := all.find(about)
	w := all.wordings[message.Language(language)]
	f := &filler{w: w, values: map[string]string{
		"name": message.Clean(fill.Name), "lender": message.Clean(fill.Lender), "loan": message.Clean(fill.Loan), "help": w.help(fill.Help),
		"past_due":       message.Amount(w.Language, fill.PastDue, fill.Currency),
		"outstanding":    message.Amount(w.Language, fill.Outstanding, fill.Currency),
		"past_due_since": message.Day(w.Language, fill.PastDueSince),
		"application":    message.Clean(fill.Application),
		"amount":         message.Amount(w.Language, fill.Amount, fill.Currency),
		"product":        message.Clean(fill.Product),
		"total":          message.Amount(w.Language, fill.Total, fill.Currency),
		"cost":           message.Amount(w.Language, fill.Cost, fill.Currency),
		"installments":   fill.Installments,
		"first_due":      message.Day(w.Language, fill.FirstDue),
	}}
	around := w.around(name)
	text := Text{
		Script: name, Language: w.Language, Identity: f.all(around.Identity), Say: f.all(w.Scripts[name]), Closing: f.one(around.Closing),
		Voicemail: f.one(around.Voicemail), ThirdParty: f.one(around.ThirdParty),
	}
	for _, offer := range kind.Offers {
		text.Offers = append(text.Offers, Said{offer, f.one(w.Offers[offer])})
	}
	return text, f.err
}

// filler writes texts with the same values; the first error stays.
type filler struct {
	w      *wording
	values map[string]string
	err    error
}

func (f *filler) all(texts []string) []string {
	written := make([]string, len(texts))
	for n, text := range texts {
		written[n] = f.one(text)
	}
	return written
}

func (f *filler) one(text string) string {
	written, err := write(text, f.values)
	if err != nil && f.err == nil {
		f.err = fmt.Errorf("script: a text cannot be written; check %s.yaml", f.w.Language) // the error itself may repeat a value
	}
	return written
}

func write(text string, values map[string]string) (string, error) {
	parsed, err := template.New("text").Option("missingkey=error").Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = parsed.Execute(&b, values)
	return b.String(), err
}
