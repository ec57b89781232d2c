package journey

import (
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/event"
)

// Surveyed begins the treatments of surveys; the question ends them.
const Surveyed = "survey-"

// rememberedSurveys is how many surveys a journey carries that said that answering brings something, and how many answers.
const rememberedSurveys = 20

// Incentive is what a survey said that answering it brings: the key of its step, and a word of the catalogue of messages.
type Incentive struct {
	Step   string `json:"step"`
	Brings string `json:"brings"`
}

// Answered is that a survey was answered: the message that asked, and when.
type Answered struct {
	Contact string    `json:"contact"`
	At      time.Time `json:"at"`
}

// brings remembers what a survey says that is to be sent: the strategy may say something else by the time it is answered.
func (j *Journey) brings(d Decision) {
	if d.Step.Kind != Send || !strings.HasPrefix(d.Step.Key, Surveyed) {
		return
	}
	all := slices.DeleteFunc(slices.Clone(j.Incentives), func(i Incentive) bool { return i.Step == d.Step.Key })
	if word := d.Step.Fill["incentive"]; word != "" {
		all = append(all, Incentive{Step: d.Step.Key, Brings: word})
	}
	j.Incentives = all[max(0, len(all)-rememberedSurveys):]
}

// answered remembers that a survey was answered, once for the message that asked. To what nobody asked by a message nothing was said.
func (j *Journey) answered(e event.Event, p event.SurveyAnswer) {
	if e.At.After(j.Heard) {
		j.Heard = e.At
	}
	if p.Contact == "" || slices.ContainsFunc(j.Answers, func(a Answered) bool { return a.Contact == p.Contact }) {
		return
	}
	all := append(slices.Clone(j.Answers), Answered{Contact: p.Contact, At: e.At})
	j.Answers = all[max(0, len(all)-rememberedSurveys):]
}

// Asked returns the step of a survey that an answer is to, and what it said that answering brings; nothing when it said nothing of
// that, or is not known.
func (j Journey) Asked(a Answered) (step, brings string) {
	n := slices.IndexFunc(j.Done, func(d Done) bool { return d.Contact == a.Contact && strings.HasPrefix(d.Key, Surveyed) })
	if n < 0 {
		return "", ""
	}
	step = j.Done[n].Key
	if n = slices.IndexFunc(j.Incentives, func(i Incentive) bool { return i.Step == step }); n >= 0 {
		brings = j.Incentives[n].Brings
	}
	return step, brings
}
