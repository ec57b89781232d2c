package strategy

import (
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/message"
)

const (
	// surveyed is how the treatments of surveys begin; what follows is the question.
	surveyed = journey.Surveyed
	// incentive begins the treatment that tells the lending system of what an answer brings.
	incentive = "incentive-"
	// surveyedFor is for how many days a question is worth asking.
	surveyedFor = 14
	// calmBefore is how many days must have passed since arrears ended, or since a complaint of which the borrower is asked otherwise was
	// closed, before somebody is asked how we are doing.
	calmBefore = 14
	// complaintOpen is for how many days a complaint counts as open that nobody has closed: not every lender says so.
	complaintOpen = 60
)

func (c checked) checkSurveys() {
	for _, at := range []struct {
		path string
		SurveyAt
	}{{".surveys.first", c.Surveys.First}, {".surveys.every", c.Surveys.Every}, {".surveys.after_complaint", c.Surveys.AfterComplaint}} {
		switch {
		case at.SurveyAt == SurveyAt{}:
		case at.Days < 1:
			c.errorf(at.path+".days", "%d must be at least 1", at.Days)
		case !slices.Contains(message.Words("question"), at.Question):
			c.errorf(at.path+".question", "there is no question %q; use one of %s", at.Question, strings.Join(message.Words("question"), ", "))
		}
	}
	if i := c.Surveys.Incentive; i != "" && !slices.Contains(message.Words("incentive"), i) {
		c.errorf(".surveys.incentive", "there is no incentive %q; use one of %s", i, strings.Join(message.Words("incentive"), ", "))
	}
}

// surveys asks how we are doing: after the first follow-up, after a complaint, and then from time to time.
func (t *thoughts) surveys() []want {
	s := t.Strategy.Surveys
	if t.unlessOpen() != "" || !t.status.PastDueSince.IsZero() {
		return nil
	}
	question, on := t.question()
	if question == s.First && (s.First.Days == 0 || on.IsZero() || latest(t.today, t.calmly(on)).Sub(on) > surveyedFor) {
		question = s.Every
		if question.Days > 0 { // one that could not be asked is not made up for
			missed := max(0, (t.today.Sub(t.Journey.DisbursedOn)-surveyedFor-1)/question.Days)
			on = t.Journey.DisbursedOn.AddDays((missed + 1) * question.Days)
		}
	}
	if question.Days == 0 {
		return nil
	}
	on = t.calmly(on)
	fill := t.fill()
	fill["question"] = question.Question
	if s.Incentive != "" {
		fill["incentive"] = s.Incentive
	}
	w := want{
		key: key(surveyed+question.Question, on), kind: journey.Send, date: t.awayFromDue(on), reason: "survey", purpose: contact.Survey,
		template: "survey", fill: fill, lapses: on.AddDays(surveyedFor + 1).In(t.zone), away: t.awayFromDue,
	}
	if t.held(t.Now) {
		w.drop = ReasonHold
	}
	return []want{w}
}

// incentives tells the lending system of each answer for which the survey had said that it brings something, so that it can be
// credited: once, whatever is owed by then.
func (t *thoughts) incentives() (all []want) {
	for _, a := range t.Journey.Answers {
		step, brings := t.Journey.Asked(a)
		if brings == "" || a.At.Before(t.Now.AddDate(-1, 0, 0)) { // what was done longer ago may be forgotten
			continue
		}
		asked := strings.TrimPrefix(step, surveyed)
		question, _, _ := strings.Cut(asked, "@")
		all = append(all, want{
			key: incentive + asked, kind: journey.Tell, at: a.At, reason: "survey_incentive",
			fill: map[string]string{"incentive": brings, "question": question, "answered_at": a.At.UTC().Format(time.RFC3339)},
		})
	}
	return all
}

// question is the question that comes next, and the date for which it is planned; none while the first follow-up was not made and
// no complaint was closed. After a complaint whose own workflow asks how it was handled, the loan's does not ask that, too.
func (t *thoughts) question() (SurveyAt, bizclock.Date) {
	s := t.Strategy.Surveys
	question, on := s.First, bizclock.Date{}
	for _, d := range t.Journey.Done {
		switch treatment, _, _ := strings.Cut(d.Key, "@"); {
		case treatment == "first-week" && d.Result.Made() && question == s.First:
			on = t.on(d.At).AddDays(s.First.Days)
		case strings.HasPrefix(treatment, surveyed) && d.Result.Final():
			question, on = s.Every, t.on(d.At).AddDays(s.Every.Days)
		}
	}
	if after := t.Journey.Heeded; s.AfterComplaint.Days > 0 && !after.IsZero() && !t.Journey.HeededAsks {
		asked := slices.ContainsFunc(t.Journey.Done, func(d journey.Done) bool {
			return strings.HasPrefix(d.Key, surveyed) && d.Result.Final() && d.At.After(after)
		})
		if due := t.on(after).AddDays(s.AfterComplaint.Days); !asked && t.today.Sub(due) <= surveyedFor {
			return s.AfterComplaint, due
		}
	}
	return question, on
}

// calmly moves a date behind arrears that ended not long ago, behind a complaint that is open, and behind what the borrower is asked about
// one that was closed: nobody is asked two things at once.
func (t *thoughts) calmly(on bizclock.Date) bizclock.Date {
	switch j := t.Journey; {
	case j.Complained.After(j.Heeded):
		on = latest(on, t.on(j.Complained).AddDays(complaintOpen))
	case j.HeededAsks:
		on = latest(on, t.on(j.Heeded).AddDays(calmBefore))
	}
	if calm := t.on(t.calm); !calm.IsZero() {
		return latest(on, calm.AddDays(calmBefore))
	}
	return on
}

// unaskedOn is the date on which the first question, or that after a complaint, is given up, if it is still to come.
func (t *thoughts) unaskedOn() (date bizclock.Date, ok bool) {
	question, on := t.question()
	if s := t.Strategy.Surveys; question != s.First && question != s.AfterComplaint || on.IsZero() {
		return date, false
	}
	return on.AddDays(surveyedFor + 1), true
}

// held reports whether any hold on the loan or the borrower is in force, whatever it allows.
func (t *thoughts) held(at time.Time) bool {
	return slices.ContainsFunc(t.Standing.Holds, func(h contact.Hold) bool { return h.Covers(t.debt(), h.Point, at) })
}
