package event

import (
	"slices"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
)

// Reply is the payload of borrower.replied. What it means is understood from the text when the event comes, and is kept: the text
// never leaves Postgres, and what it was understood as does not change with the rules. A sender that understands replies by
// itself says what it means instead.
type Reply struct {
	Channel contact.Channel `json:"channel" doc:"channel on which the borrower wrote"`
	Point   string          `json:"point,omitempty" doc:"contact point from which it came"`
	Text    string          `json:"text,omitempty" personal:"true" doc:"what the borrower wrote, whole"`
	Intent  string          `json:"intent,omitempty" doc:"stop, or unclear; understood from the text when left out"`
	Answer  Answer          `json:"answer,omitempty" doc:"what the reply as a whole says to what was asked; understood from the text when left out, and left out where it says neither"`
	// What it means.
	Means   []Intent           `json:"means,omitempty" doc:"all that it means; understood from the text when left out. A text that says stop means stop, whatever stands here"`
	Cause   hardship.Cause     `json:"cause,omitempty" doc:"why the borrower cannot pay, where that was said"`
	Topic   Topic              `json:"topic,omitempty" doc:"what a question is about"`
	Further bool               `json:"further,omitempty" doc:"true when something else is asked too; a person answers that"`
	Amount  decimal.Decimal    `json:"amount,omitzero" doc:"what the borrower will pay, in the loan's currency, where that was said"`
	By      bizclock.Date      `json:"by,omitzero" doc:"by when, where that was said"`
	Vague   bool               `json:"vague,omitempty" doc:"true when the borrower named an amount that is not known, such as a half"`
	Wants   contact.Channel    `json:"wants,omitempty" doc:"channel on which the borrower wants to be reached, where that was said"`
	From    *contact.TimeOfDay `json:"from,omitempty" doc:"from which time of day on; given together with to"`
	To      *contact.TimeOfDay `json:"to,omitempty" doc:"until which time of day"`
	// Who understood it, where a classifier is asked.
	Understood string `json:"understood,omitempty" doc:"classifier or rules, where a classifier is asked; worked out by Tender, whatever was sent"`
	Unheard    string `json:"unheard,omitempty" doc:"why the classifier was not heard, as a code such as timeout; worked out by Tender, whatever was sent"`
}

// IntentStop is the intent of a reply that asks for contacts to stop.
const IntentStop = "stop"

// PromiseNoted is the treatment of the step that tells a borrower what was understood of a promise; its anchor is the promise's id.
const PromiseNoted = "promise-noted"

// Answer is what a reply says to what the borrower was asked.
type Answer string

// The answers. They mean something only beside a question that is open, such as an offered plan.
const (
	Yes Answer = "yes"
	No  Answer = "no"
)

// Answers are all answers.
var Answers = []Answer{Yes, No}

// Intent is something that a reply means.
type Intent string

// The intents.
const (
	// Stop asks for no more contacts.
	Stop Intent = "stop"
	// WrongPerson says that who reads it is not the borrower.
	WrongPerson Intent = "wrong_person"
	// Paid says that it was paid already.
	Paid Intent = "paid"
	// WillPay says that it will be paid.
	WillPay Intent = "will_pay"
	// InTrouble tells of trouble with paying.
	InTrouble Intent = "hardship"
	// WantsPlan asks for more time, smaller payments or a pause.
	WantsPlan Intent = "plan"
	// Asks asks about interest, fees, terms and the like.
	Asks Intent = "question"
	// Disputes says that something is wrong with what is owed.
	Disputes Intent = "dispute"
	// SuspectsFraud says that the loan was never taken, or that our message may be a fraudster's.
	SuspectsFraud Intent = "fraud"
	// Complains is about how the borrower is treated.
	Complains Intent = "complaint"
	// WantsCall asks to be called, or for a person to talk to.
	WantsCall Intent = "call"
	// Prefers asks for another channel, hour or language.
	Prefers Intent = "preference"
	// Thanks is politeness.
	Thanks Intent = "thanks"
	// Unclear is what no rule understands. It stands alone.
	Unclear Intent = "unclear"
)

// Intents are all intents, in the order in which a reply's are given: what must not be overlooked comes first.
var Intents = []Intent{
	Stop, Complains, SuspectsFraud, WrongPerson, Disputes, InTrouble, WantsPlan, Paid, WillPay, Asks, WantsCall, Prefers, Thanks, Unclear,
}

// UnmarshalText refuses a word that is no intent.
func (i *Intent) UnmarshalText(text []byte) (err error) {
	*i, err = closed.Parse("intent", Intents, string(text))
	return err
}

// Topic is what a question is about.
type Topic string

// The topics.
const (
	AboutInterest Topic = "interest"
	AboutFees     Topic = "fees"
	AboutTerms    Topic = "terms"
	AboutBalance  Topic = "balance"
	AboutHowToPay Topic = "how_to_pay"
	AboutWhatNext Topic = "what_next"
	AboutOther    Topic = "other"
)

// Topics are all topics.
var Topics = []Topic{AboutInterest, AboutFees, AboutTerms, AboutBalance, AboutHowToPay, AboutWhatNext, AboutOther}

// UnmarshalText refuses a word that is no topic.
func (t *Topic) UnmarshalText(text []byte) (err error) {
	*t, err = closed.Parse("topic", Topics, string(text))
	return err
}

// Validate implements [Payload].
func (p *Reply) Validate() error {
	if p.Channel == "" {
		return wrong("channel", "is missing; say on which channel the borrower wrote")
	}
	if p.Text == "" && p.Intent == "" && p.Answer == "" && len(p.Means) == 0 {
		return wrong("text", "is missing; send what the borrower wrote")
	}
	if err := optionalID("point", p.Point); err != nil {
		return err
	}
	if p.Intent != "" && p.Intent != IntentStop && p.Intent != string(Unclear) {
		return wrong("intent", "must be stop or unclear; leave it out to have the text understood, or say all that it means in means")
	}
	if p.Answer != "" && !slices.Contains(Answers, p.Answer) {
		return wrong("answer", "must be one of %s; leave it out to have the text understood", closed.Join(Answers))
	}
	return p.validateMeaning()
}

func (p *Reply) validateMeaning() error {
	switch has := func(i Intent) bool { return slices.Contains(p.Means, i) }; {
	case has(Unclear) && len(p.Means) > 1:
		return wrong("means", "unclear stands alone")
	case p.Cause != "" && !has(InTrouble):
		return wrong("cause", "belongs to the meaning hardship")
	case (p.Topic != "" || p.Further) && !has(Asks):
		return wrong("topic", "belongs to the meaning question")
	case (!p.Amount.IsZero() || !p.By.IsZero() || p.Vague) && !has(WillPay):
		return wrong("amount", "and by belong to the meaning will_pay")
	case p.Amount.IsNeg():
		return wrong("amount", "must be positive")
	case (p.Wants != "" || p.From != nil || p.To != nil) && !has(Prefers):
		return wrong("wants", "from and to belong to the meaning preference")
	case (p.From == nil) != (p.To == nil):
		return wrong("from", "belongs together with to; send both, or none")
	}
	return nil
}

// Has reports whether a reply means something, perhaps among other things.
func (p *Reply) Has(i Intent) bool { return slices.Contains(p.Means, i) }
