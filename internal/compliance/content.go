package compliance

import (
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/closed"
)

// Part is something that a message carries.
type Part string

// The parts.
const (
	// OptOutLine says how to stop messages at this address or number.
	OptOutLine Part = "opt_out"
	// Identity says who writes, CreditorName for which lender, ContactDetails how to reach them.
	Identity       Part = "identity"
	CreditorName   Part = "creditor_name"
	ContactDetails Part = "contact_details"
	// MiniMiranda says that this is an attempt to collect a debt, and that what is learnt is used for it; FromCollector that it
	// comes from a debt collector.
	MiniMiranda   Part = "mini_miranda"
	FromCollector Part = "from_collector"
	// AmountBreakdown says what is owed, part by part.
	AmountBreakdown Part = "amount_breakdown"
	// ComplaintChannel says where to complain, HelpChannel where to get help, HardshipHelp that help in hardship can be had.
	ComplaintChannel Part = "complaint_channel"
	HelpChannel      Part = "help_channel"
	HardshipHelp     Part = "hardship_help"
	// BorrowersLanguage is set for a message in the borrower's language.
	BorrowersLanguage Part = "borrowers_language"
	// DebtOnEnvelope shows outside that it is about a debt; DebtToThirdParty says so to who is not the borrower; Threat threatens;
	// PublicPost can be seen by others.
	DebtOnEnvelope   Part = "debt_on_envelope"
	DebtToThirdParty Part = "debt_to_third_party"
	Threat           Part = "threat"
	PublicPost       Part = "public_post"
)

// Parts are all parts.
var Parts = []Part{
	OptOutLine, Identity, CreditorName, ContactDetails, MiniMiranda, FromCollector, AmountBreakdown, ComplaintChannel, HelpChannel,
	HardshipHelp, BorrowersLanguage, DebtOnEnvelope, DebtToThirdParty, Threat, PublicPost,
}

// UnmarshalText refuses a word that is no part.
func (p *Part) UnmarshalText(text []byte) (err error) {
	*p, err = closed.Parse("part", Parts, string(text))
	return err
}

// Content says what a message must carry, and what it must not.
type Content struct {
	Must, MustNot []Part
}

// check is about a message that is written; before, the ruling says what it must carry.
func (c *Content) check(e *evaluation, _ time.Time) state {
	carries := e.proposal.Carries
	if carries == nil {
		return state{}
	}
	for _, part := range c.Must {
		if !slices.Contains(carries, part) {
			return state{blocked: true, zone: string(part)}
		}
	}
	for _, part := range c.MustNot {
		if slices.Contains(carries, part) {
			return state{blocked: true, loan: string(part)}
		}
	}
	return state{}
}

func (c *Content) why(s state) string {
	switch {
	case s.zone != "":
		return "the message does not carry " + s.zone
	case s.blocked:
		return "the message carries " + s.loan
	}
	var text []string
	if len(c.Must) > 0 {
		text = append(text, "must carry "+join(c.Must))
	}
	if len(c.MustNot) > 0 {
		text = append(text, "must not carry "+join(c.MustNot))
	}
	return strings.Join(text, "; ")
}

func (*Content) days() int { return 0 }

func join(parts []Part) string {
	words := make([]string, len(parts))
	for n, p := range parts {
		words[n] = string(p)
	}
	return strings.Join(words, ", ")
}

// carry adds what a rule about content says.
func (r *Ruling) carry(c *Content) {
	for _, part := range c.Must {
		if !slices.Contains(r.MustCarry, part) {
			r.MustCarry = append(r.MustCarry, part)
		}
	}
	for _, part := range c.MustNot {
		if !slices.Contains(r.MustNotCarry, part) {
			r.MustNotCarry = append(r.MustNotCarry, part)
		}
	}
}
