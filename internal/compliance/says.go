package compliance

import (
	"fmt"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
)

// Kind returns the name of the rule's kind as it stands in the file, such as window.
func (rule *Rule) Kind() string {
	kind, _ := rule.kind()
	return kind
}

// Says puts what the rule says into words, without its title.
func (rule *Rule) Says() string {
	_, says := rule.kind()
	for _, one := range []struct {
		what  string
		words string
	}{
		{"on", wordsOf(rule.Channels)},
		{"for", wordsOf(rule.Purposes)},
		{"to", wordsOf(rule.Recipients)},
		{"at", wordsOf(rule.Places)},
		{"not for", wordsOf(rule.Exempt)},
	} {
		if one.words != "" {
			says += "; " + one.what + " " + one.words
		}
	}
	if rule.Breach != "" {
		says += "; a breach: " + string(rule.Breach)
	}
	if rule.ReplyOnce {
		says += "; one reply is let through"
	}
	if l := rule.UnlessConsent; l != nil {
		says += "; unless the borrower consented"
		if l.Days > 0 {
			says += fmt.Sprintf(" within %d days", l.Days)
		}
	}
	return says
}

func (rule *Rule) kind() (kind, says string) {
	switch {
	case rule.Window != nil:
		return "window", rule.Window.says()
	case rule.Counter != nil:
		return "counter", rule.Counter.says()
	case rule.CoolOff != nil:
		c := rule.CoolOff
		day := "its own being the first"
		if c.NextDay {
			day = "the next being the first"
		}
		return "cool_off", fmt.Sprintf("none for %d days, %s, after %s, per %s%s", c.Days, day, c.After, c.Key, c.Counts.says())
	case rule.MinGap != nil:
		g := rule.MinGap
		return "min_gap", fmt.Sprintf("%s between, per %s%s", g.Gap, g.Key, g.Counts.says())
	case rule.OptOut != nil:
		return "opt_out", "none where the borrower opted out"
	case rule.Consent != nil:
		c, says := rule.Consent, "only with a consent"
		if c.Written {
			says += " in writing"
		}
		if c.GivenTo != "" {
			says += " given to the " + string(c.GivenTo)
		}
		if c.FreshDays > 0 {
			says += fmt.Sprintf(" within the last %d days", c.FreshDays)
		}
		return "consent", says
	case rule.Recipient != nil:
		return "recipient", "only " + wordsOf(rule.Recipient.Allow)
	case rule.ThirdParty != nil:
		return "third_party", rule.ThirdParty.says()
	case rule.Content != nil:
		return "content", (&Content{Must: rule.Content.Must, MustNot: rule.Content.MustNot}).why(state{})
	case rule.Visit != nil:
		return "visit", rule.Visit.says()
	case rule.Duty != nil:
		return "duty", rule.Duty.String()
	case rule.Retention != nil:
		return "retention", fmt.Sprintf("%s kept %d years after %s", wordsOf(rule.Retention.Records), rule.Retention.Years, rule.Retention.After)
	case rule.Plan != nil:
		return "plan", planSays(*rule.Plan)
	case rule.Charge != nil:
		return "charge", rule.Charge.says()
	}
	return "own", ""
}

func wordsOf[T ~string](all []T) string {
	words := make([]string, len(all))
	for n, word := range all {
		words[n] = string(word)
	}
	return strings.Join(words, ", ")
}

func (w *Window) says() string {
	text := spansSay(w.Open, true)
	if h := w.Holidays; h != nil {
		if len(h.Open) == 0 {
			return text + "; never on holidays of " + h.Calendar
		}
		text += "; on holidays of " + h.Calendar + " " + spansSay(h.Open, false)
	}
	return text
}

func spansSay(all []Span, days bool) string {
	var texts []string
	for _, s := range all {
		text := fmt.Sprintf("%s to %s", contact.TimeOfDay(s.From), contact.TimeOfDay(s.Until))
		if days && len(s.Days) < len(everyDay) {
			var names []string
			for _, d := range s.Days {
				names = append(names, string(contact.Weekdays[d]))
			}
			text = strings.Join(names, ", ") + " " + text
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}

func (c *Counter) says() string {
	period := fmt.Sprintf("in %d consecutive days", c.RollingDays)
	switch {
	case c.RollingDays == 1:
		period = "in a day"
	case c.RollingHours > 0:
		period = fmt.Sprintf("in %d hours", c.RollingHours)
	case c.Calendar != "":
		period = "in a calendar " + string(c.Calendar)
	}
	return fmt.Sprintf("at most %d of %s %s, per %s%s", c.Max, c.Of, period, c.Key, c.Counts.says())
}

// says puts into words what counts; nothing where all does.
func (c Counts) says() string {
	var texts []string
	for _, one := range []struct{ what, words string }{
		{"", wordsOf(c.Channels)},
		{"", wordsOf(c.Directions)},
		{"", wordsOf(c.Purposes)},
		{"", wordsOf(c.Dispositions)},
		{"to ", wordsOf(c.Recipients)},
		{"at ", wordsOf(c.Places)},
		{"but not ", wordsOf(c.Except)},
	} {
		if one.words != "" {
			texts = append(texts, one.what+one.words)
		}
	}
	if c.ExceptConsented {
		texts = append(texts, "but not consented ones")
	}
	if len(texts) == 0 {
		return ""
	}
	return "; counted are " + strings.Join(texts, "; ")
}

func (g *ThirdPartyRule) says() string {
	text := fmt.Sprintf("at most %d with one of them", g.Max)
	if g.Failures > 0 {
		text += fmt.Sprintf(", after %d that failed to reach the borrower", g.Failures)
		if g.WithinDays > 0 {
			text += fmt.Sprintf(" within %d days", g.WithinDays)
		}
	}
	if len(g.Purposes) > 0 {
		text += ", for " + wordsOf(g.Purposes)
	}
	if g.RefusalEnds {
		text += "; never again after a refusal"
	}
	return text
}

func (v *VisitRule) says() string {
	if v.Forbidden {
		return "never"
	}
	var texts []string
	if v.NoticeDays > 0 {
		days := "days"
		if v.Days == bizclock.BusinessDays {
			days = "business days (calendar " + v.Calendar + ")"
		}
		texts = append(texts, fmt.Sprintf("told %d %s before", v.NoticeDays, days))
	}
	if v.PeopleMin > 0 || v.PeopleMax > 0 {
		texts = append(texts, "by "+v.people())
	}
	if v.Identification {
		texts = append(texts, "who show who they are")
	}
	return strings.Join(texts, ", ")
}

// people says how many may come.
func (v *VisitRule) people() string {
	switch {
	case v.PeopleMax == 0:
		return fmt.Sprintf("%d people or more", v.PeopleMin)
	case v.PeopleMin == 0:
		return fmt.Sprintf("%d people at most", v.PeopleMax)
	}
	return fmt.Sprintf("%d to %d people", v.PeopleMin, v.PeopleMax)
}

func planSays(p hardship.Limit) string {
	var texts []string
	if len(p.Kinds) > 0 {
		texts = append(texts, "of "+wordsOf(p.Kinds))
	}
	for _, one := range []struct {
		format string
		value  int
	}{
		{"at most %d months", p.MaxMonths},
		{"at most %d in 12 months", p.MaxIn12Months},
		{"at most %d in 5 years", p.MaxIn5Years},
		{"accounts of %d months or more", p.MinAccountAgeMonths},
		{"after %d payments in a row", p.MinConsecutivePayments},
	} {
		if one.value > 0 {
			texts = append(texts, fmt.Sprintf(one.format, one.value))
		}
	}
	return strings.Join(texts, "; ")
}

func (c *ChargeLimit) says() string {
	var texts []string
	if !c.APRMax.IsZero() {
		texts = append(texts, "a year costs at most "+c.APRMax.String()+" of what is owed, all in all")
	}
	if !c.TotalMax.IsZero() {
		texts = append(texts, "all of it costs at most "+c.TotalMax.String()+" of the principal")
	}
	if c.AgreementOnly {
		texts = append(texts, "nothing that neither the agreement nor the law provides for")
	}
	return strings.Join(texts, "; ")
}

// sinceWhen writes an instant, or nothing for one that nobody knows.
func sinceWhen(sec int64) string {
	if sec <= 0 {
		return ""
	}
	return " at " + time.Unix(sec, 0).UTC().Format("2006-01-02 15:04 MST")
}
