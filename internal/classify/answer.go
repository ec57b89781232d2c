package classify

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/strictjson"
)

const (
	// mostIntents is how many things one reply can mean: who is told more has a classifier that says everything.
	mostIntents = 6
	// mostNamed is how many amounts, or dates, a reply can name.
	mostNamed = 5
)

// answered is an answer as it is written. All of it is text, so that this package says what is wrong with it, in words that repeat nothing:
// a classifier may put what the borrower wrote anywhere.
type answered struct {
	Intents []string `json:"intents"`
	Answer  string   `json:"answer"`
	Cause   string   `json:"cause"`
	Topic   string   `json:"topic"`
	Amounts []struct {
		Amount   string `json:"amount"`
		Currency string `json:"currency"`
	} `json:"amounts"`
	Dates []string `json:"dates"`
	Wants string   `json:"wants"`
	From  string   `json:"from"`
	To    string   `json:"to"`
}

// ours is a path in an answer that holds nothing but names of ours.
var ours = regexp.MustCompile(`^(intents|answer|cause|topic|amounts|dates|wants|from|to)(\[[0-9]+\](\.(amount|currency))?)?$`)

// read takes an answer, or refuses it whole.
func read(text []byte, q Question) (reply.Meaning, *Failure) {
	var a answered
	if err := strictjson.Decode(text, &a); err != nil {
		var at *strictjson.Error
		if errors.As(err, &at) && ours.MatchString(at.Path) {
			return reply.Meaning{}, refused(at.Path, "has another form than docs/replies.md says, or stands there twice")
		}
		return reply.Meaning{}, refused("", "is no JSON object with the fields that docs/replies.md names, and no others")
	}
	r := reader{answered: a, asked: q}
	for _, part := range []func() *Failure{r.intents, r.words, r.belongs, r.amounts, r.dates, r.hours} {
		if failed := part(); failed != nil {
			return reply.Meaning{}, failed
		}
	}
	return r.m, nil
}

func refused(field, format string, args ...any) *Failure {
	f := failure(event.ClassifierRefused, format, args...)
	if f.Field = field; field == "" {
		f.Field = "answer"
	}
	return f
}

// reader makes a meaning of an answer.
type reader struct {
	answered
	asked Question
	m     reply.Meaning
}

func (r *reader) intents() *Failure {
	all := r.Intents
	switch {
	case len(all) == 0:
		return refused("intents", "must list at least one; what means nothing that is known is unclear")
	case len(all) > mostIntents:
		return refused("intents", "must list %d at most", mostIntents)
	}
	for n, word := range all {
		switch i := reply.Intent(word); {
		case !slices.Contains(reply.Intents, i):
			return refused(at("intents", n), "is no intent; use %s", closed.Join(reply.Intents))
		case slices.Contains(all[:n], word):
			return refused(at("intents", n), "stands there twice")
		case i == reply.Unclear && len(all) > 1:
			return refused("intents", "unclear stands alone")
		}
	}
	for _, i := range reply.Intents {
		if slices.Contains(all, string(i)) {
			r.m.Intents = append(r.m.Intents, i)
		}
	}
	return nil
}

// words reads the words of closed sets.
func (r *reader) words() *Failure {
	var failed *Failure
	if r.m.Answer, failed = word("answer", event.Answers, r.Answer); failed != nil {
		return failed
	}
	if r.m.Cause, failed = word("cause", hardship.Causes, r.Cause); failed != nil {
		return failed
	}
	if r.m.Topic, failed = word("topic", reply.Topics, r.Topic); failed != nil {
		return failed
	}
	r.m.Channel, failed = word("wants", contact.Channels, r.Wants)
	return failed
}

func word[T ~string](field string, all []T, text string) (T, *Failure) {
	if text != "" && !slices.Contains(all, T(text)) {
		return "", refused(field, "must be one of %s, or left out", closed.Join(all))
	}
	return T(text), nil
}

// belongs refuses particulars without what they are particulars of.
func (r *reader) belongs() *Failure {
	switch has := r.m.Has; {
	case r.Cause != "" && !has(reply.Hardship):
		return refused("cause", "belongs to the intent hardship")
	case r.Topic != "" && !has(reply.Question):
		return refused("topic", "belongs to the intent question")
	case len(r.Amounts) > 0 && !has(reply.WillPay):
		return refused("amounts", "belong to the intent will_pay")
	case len(r.Dates) > 0 && !has(reply.WillPay):
		return refused("dates", "belong to the intent will_pay")
	case r.Wants != "" && !has(reply.Preference):
		return refused("wants", "belongs to the intent preference")
	case (r.From != "" || r.To != "") && !has(reply.Preference):
		return refused("from", "and to belong to the intent preference")
	case r.Answer != "" && has(reply.Stop):
		return refused("answer", "does not go with the intent stop")
	}
	return nil
}

// plain is an amount as JSON writes numbers, without a sign and an exponent.
var plain = regexp.MustCompile(`^(0|[1-9][0-9]{0,12})(\.[0-9]{1,4})?$`)

// amounts reads what will be paid. As with the rules, one amount is what will be paid, and several mean none.
func (r *reader) amounts() *Failure {
	if len(r.Amounts) > mostNamed {
		return refused("amounts", "must list %d at most", mostNamed)
	}
	for n, money := range r.Amounts {
		field := at("amounts", n)
		if money.Currency == "" || money.Currency != r.asked.Currency {
			return refused(field+".currency", "must be the currency that was asked about; where none was, leave amounts out")
		}
		units, err := loan.MinorUnits(money.Currency)
		if err != nil {
			return refused(field+".currency", "is no currency in force")
		}
		if !plain.MatchString(money.Amount) {
			return refused(field+".amount", `must be a positive amount in quotes, such as "200.00"`)
		}
		amount, err := decimal.Parse(money.Amount)
		switch {
		case err != nil || !amount.IsPos():
			return refused(field+".amount", `must be a positive amount in quotes, such as "200.00"`)
		case amount.Scale() > units:
			return refused(field+".amount", "has more than the %d decimal places of its currency", units)
		case loan.CheckAmount(amount, money.Currency) != nil:
			return refused(field+".amount", "is beyond any loan")
		}
		if len(r.Amounts) == 1 {
			r.m.Amount = amount
		}
	}
	return nil
}

// dates reads by when will be paid: one date is that, and several mean none.
func (r *reader) dates() *Failure {
	if len(r.Dates) > mostNamed {
		return refused("dates", "must list %d at most", mostNamed)
	}
	for n, text := range r.Dates {
		date, err := bizclock.ParseDate(text)
		switch {
		case err != nil:
			return refused(at("dates", n), "is no date; write such as 2026-01-31")
		case date.Before(r.asked.On):
			return refused(at("dates", n), "lies before the date on which the borrower wrote")
		case date.After(r.asked.On.AddDays(366)):
			return refused(at("dates", n), "lies more than a year after the date on which the borrower wrote")
		}
		if len(r.Dates) == 1 {
			r.m.By = date
		}
	}
	return nil
}

func (r *reader) hours() *Failure {
	if (r.From == "") != (r.To == "") {
		return refused("from", "belongs together with to; give both, or none")
	}
	if r.From == "" {
		return nil
	}
	var from, to contact.TimeOfDay
	if from.UnmarshalText([]byte(r.From)) != nil {
		return refused("from", "is no time of day; write 00:00 to 24:00, such as 08:00")
	}
	if to.UnmarshalText([]byte(r.To)) != nil {
		return refused("to", "is no time of day; write 00:00 to 24:00, such as 08:00")
	}
	if from == to {
		return refused("to", "is the same as from, which leaves no time at all")
	}
	r.m.From, r.m.To = &from, &to
	return nil
}

// at is the path of one of several.
func at(list string, n int) string { return fmt.Sprintf("%s[%d]", list, n) }
