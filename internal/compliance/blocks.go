package compliance

import (
	"regexp"

	"github.com/goccy/go-yaml/ast"
	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
)

// consentFile: no contact without a consent of the borrower that fits the channel, contact point and purpose.
type consentFile struct {
	// GivenTo is collector or creditor; left out, to anybody.
	GivenTo placed[contact.Grantee] `yaml:"given_to"`
	// FreshDays is how many days old it may be at most.
	FreshDays placed[int]  `yaml:"fresh_days"`
	Written   placed[bool] `yaml:"written"`
}

func (c *consentFile) check(f *faults) *ConsentRule {
	checkDays(f, "fresh_days", c.FreshDays)
	return &ConsentRule{GivenTo: c.GivenTo.value, FreshDays: c.FreshDays.value, Written: c.Written.value}
}

// consentLiftFile: a consent that lifts a rule.
type consentLiftFile struct {
	// GivenTo is collector or creditor; left out, to anybody.
	GivenTo placed[contact.Grantee] `yaml:"given_to"`
	// Days is for how many local dates, of which that of the consent is the first.
	Days placed[int] `yaml:"days"`
	// Until conversation: the first one after it ends it.
	Until placed[untilWord] `yaml:"until"`
}

type untilWord string

// UnmarshalText refuses another word.
func (u *untilWord) UnmarshalText(text []byte) (err error) {
	*u, err = closed.Parse("end of a consent", []untilWord{"conversation"}, string(text))
	return err
}

func (c *consentLiftFile) check(f *faults) *ConsentLift {
	checkDays(f, "days", c.Days)
	return &ConsentLift{GivenTo: c.GivenTo.value, Days: c.Days.value, UntilConversation: c.Until.given()}
}

// recipientFile: who may be contacted, and what may be said to whom who is not the borrower: none (the default), identity or
// debt.
type recipientFile struct {
	Allow    list[contact.Recipient]                  `yaml:"allow"`
	Disclose placed[map[contact.Recipient]Disclosure] `yaml:"disclose"`
}

func (r *recipientFile) check(f *faults, at ast.Node) *RecipientRule {
	if len(r.Allow) == 0 {
		f.add(at, "allow is missing; write who may be contacted, such as [borrower, attorney]")
	}
	rule := &RecipientRule{Allow: r.Allow.values(), Disclose: r.Disclose.value}
	for to := range rule.Disclose {
		if to == contact.ToBorrower {
			f.add(r.Disclose.node, "the borrower is told everything; leave them out of disclose")
		}
	}
	return rule
}

// thirdPartyFile: the gate to those who do not stand in for the borrower.
type thirdPartyFile struct {
	// After asks for failed contacts with the borrower first.
	After placed[struct {
		Failures   placed[int]           `yaml:"failures"`
		WithinDays placed[int]           `yaml:"within_days"`
		Channels   list[contact.Channel] `yaml:"channels"`
	}] `yaml:"after"`
	// Max is how many contacts one third party may have, ever.
	Max         placed[int]           `yaml:"max"`
	Purposes    list[contact.Purpose] `yaml:"purposes"`
	RefusalEnds placed[bool]          `yaml:"refusal_ends"`
}

func (t *thirdPartyFile) check(f *faults, at ast.Node) *ThirdPartyRule {
	after := t.After.value
	if t.After.given() {
		given(f, t.After.node, "failures", after.Failures)
		checkDays(f, "failures", after.Failures)
		checkDays(f, "within_days", after.WithinDays)
	}
	if given(f, at, "max", t.Max) && (t.Max.value < 0 || t.Max.value > 100) {
		f.add(t.Max.node, "max %d; write 0 to 100", t.Max.value)
	}
	return &ThirdPartyRule{
		Failures: after.Failures.value, WithinDays: after.WithinDays.value, Channels: after.Channels.values(), Max: t.Max.value,
		Purposes: t.Purposes.values(), RefusalEnds: t.RefusalEnds.value,
	}
}

// contentFile: what a message must carry, and what it must not.
type contentFile struct {
	Must    list[Part] `yaml:"must"`
	MustNot list[Part] `yaml:"must_not"`
}

func (c *contentFile) check(f *faults, at ast.Node) *Content {
	content := &Content{Must: c.Must.values(), MustNot: c.MustNot.values()}
	if len(content.Must)+len(content.MustNot) == 0 {
		f.add(at, "write what a message must carry, or must_not")
	}
	for _, p := range c.MustNot {
		for _, must := range content.Must {
			if p.value == must {
				f.add(p.node, "%s must and must not be carried", must)
			}
		}
	}
	return content
}

// visitFile: how visits are made.
type visitFile struct {
	Forbidden  placed[bool] `yaml:"forbidden"`
	NoticeDays placed[int]  `yaml:"notice_days"`
	// Days says which days of notice count; Calendar is that of the business days. Default: calendar.
	Days           placed[bizclock.DayKind] `yaml:"days"`
	Calendar       placed[string]           `yaml:"calendar"`
	PeopleMin      placed[int]              `yaml:"people_min"`
	PeopleMax      placed[int]              `yaml:"people_max"`
	Identification placed[bool]             `yaml:"identification"`
}

func (v *visitFile) check(f *faults, at ast.Node) *VisitRule {
	checkDays(f, "notice_days", v.NoticeDays)
	checkDays(f, "people_min", v.PeopleMin)
	checkDays(f, "people_max", v.PeopleMax)
	if v.PeopleMin.given() && v.PeopleMax.given() && v.PeopleMax.value < v.PeopleMin.value {
		f.add(v.PeopleMax.node, "people_max %d is less than people_min %d", v.PeopleMax.value, v.PeopleMin.value)
	}
	rule := &VisitRule{
		Forbidden: v.Forbidden.value, NoticeDays: v.NoticeDays.value, Days: v.Days.value, Calendar: v.Calendar.value, PeopleMin: v.PeopleMin.value, PeopleMax: v.PeopleMax.value,
		Identification: v.Identification.value,
	}
	switch {
	case v.Days.given() && !v.NoticeDays.given():
		f.add(v.Days.node, "days says which days of notice count; write notice_days too")
	case rule.Days == bizclock.BusinessDays && !v.Calendar.given():
		f.add(at, "calendar is missing; business days are those of one, such as ie")
	case rule.Days != bizclock.BusinessDays && v.Calendar.given():
		f.add(v.Calendar.node, "calendar is for days: business")
	case rule.Days == bizclock.BusinessDays:
		rule.calendar = f.calendar(v.Calendar)
	}
	if !rule.Forbidden && !rule.Identification && rule.NoticeDays+rule.PeopleMin+rule.PeopleMax == 0 {
		f.add(at, "a rule about visits says something of them: forbidden, notice_days, people_min, people_max or identification")
	}
	return rule
}

// dutyFile: something that must be done by a deadline.
type dutyFile struct {
	What  placed[string]  `yaml:"what"`
	After placed[Trigger] `yaml:"after"`
	// Within is how many days after the trigger's date the last day lies; Days says which count.
	Within placed[int]              `yaml:"within"`
	Days   placed[bizclock.DayKind] `yaml:"days"`
	// Calendar is that of the business days.
	Calendar placed[string] `yaml:"calendar"`
}

var dutyCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

func (d *dutyFile) check(f *faults, at ast.Node) *Duty {
	duty := &Duty{What: d.What.value, After: d.After.value, Within: d.Within.value, Days: d.Days.value, Calendar: d.Calendar.value}
	if given(f, at, "what", d.What) && !dutyCode.MatchString(duty.What) {
		f.add(d.What.node, "what %q; write small letters, digits and underlines, such as validation_notice", duty.What)
	}
	given(f, at, "after", d.After)
	given(f, at, "within", d.Within)
	given(f, at, "days", d.Days)
	if d.Within.given() && (duty.Within < 0 || duty.Within > 3660) {
		f.add(d.Within.node, "within %d; write 0 to 3660", duty.Within)
	}
	switch {
	case duty.Days == bizclock.BusinessDays && !d.Calendar.given():
		f.add(at, "calendar is missing; business days are those of one, such as us")
	case duty.Days == bizclock.CalendarDays && d.Calendar.given():
		f.add(d.Calendar.node, "calendar is for business days")
	case duty.Days == bizclock.BusinessDays:
		duty.calendar = f.calendar(d.Calendar)
	}
	return duty
}

// retentionFile: for how long records must be kept.
type retentionFile struct {
	Years   placed[int]           `yaml:"years"`
	After   placed[RetainedAfter] `yaml:"after"`
	Records list[Record]          `yaml:"records"`
}

func (r *retentionFile) check(f *faults, at ast.Node) *Retention {
	if given(f, at, "years", r.Years) && (r.Years.value < 1 || r.Years.value > 100) {
		f.add(r.Years.node, "years %d; write 1 to 100", r.Years.value)
	}
	given(f, at, "after", r.After)
	if len(r.Records) == 0 {
		f.add(at, "records are missing; write which, such as [contacts]")
	}
	return &Retention{Years: r.Years.value, After: r.After.value, Records: r.Records.values()}
}

// planFile: what bounds plans in hardship.
type planFile struct {
	Kinds                  list[hardship.Kind] `yaml:"kinds"`
	MaxMonths              placed[int]         `yaml:"max_months"`
	MaxIn12Months          placed[int]         `yaml:"max_in_12_months"`
	MaxIn5Years            placed[int]         `yaml:"max_in_5_years"`
	MinAccountAgeMonths    placed[int]         `yaml:"min_account_age_months"`
	MinConsecutivePayments placed[int]         `yaml:"min_consecutive_payments"`
}

func (p *planFile) check(f *faults, at ast.Node) *hardship.Limit {
	for _, one := range []struct {
		field string
		value placed[int]
	}{
		{"max_months", p.MaxMonths},
		{"max_in_12_months", p.MaxIn12Months},
		{"max_in_5_years", p.MaxIn5Years},
		{"min_account_age_months", p.MinAccountAgeMonths},
		{"min_consecutive_payments", p.MinConsecutivePayments},
	} {
		if one.value.given() && (one.value.value < 1 || one.value.value > 1200) {
			f.add(one.value.node, "%s %d; write 1 to 1200", one.field, one.value.value)
			return nil
		}
	}
	limit := &hardship.Limit{
		Kinds: p.Kinds.values(), MaxMonths: p.MaxMonths.value, MaxIn12Months: p.MaxIn12Months.value, MaxIn5Years: p.MaxIn5Years.value,
		MinAccountAgeMonths: p.MinAccountAgeMonths.value, MinConsecutivePayments: p.MinConsecutivePayments.value,
	}
	for _, kind := range p.Kinds {
		if _, err := closed.Parse("kind of plan", hardship.Kinds, string(kind.value)); err != nil {
			f.add(kind.node, "kinds: %v", err)
		}
	}
	if !limit.IsSet() {
		f.add(at, "a rule about plans bounds something of them")
	}
	return limit
}

// chargeFile: what bounds the cost of a loan. Amounts are fractions, as text.
type chargeFile struct {
	APRMax        placed[decimal.Decimal] `yaml:"apr_max"`
	TotalMax      placed[decimal.Decimal] `yaml:"total_max"`
	AgreementOnly placed[bool]            `yaml:"agreement_only"`
}

func (c *chargeFile) check(f *faults, at ast.Node) *ChargeLimit {
	limit := &ChargeLimit{APRMax: c.APRMax.value, TotalMax: c.TotalMax.value, AgreementOnly: c.AgreementOnly.value}
	for _, one := range []struct {
		field string
		value placed[decimal.Decimal]
	}{{"apr_max", c.APRMax}, {"total_max", c.TotalMax}} {
		if one.value.given() && (one.value.value.Sign() <= 0 || one.value.value.Cmp(decimal.Ten) > 0) {
			f.add(one.value.node, "%s %s; write a fraction, such as \"0.24\" for 24 %%", one.field, one.value.value)
		}
	}
	if limit.APRMax.IsZero() && limit.TotalMax.IsZero() && !limit.AgreementOnly {
		f.add(at, "a rule about charges bounds something of them: apr_max, total_max or agreement_only")
	}
	return limit
}
