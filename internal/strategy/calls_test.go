package strategy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

// stopped is a life whose borrower asked not to be written to, so that a person has to call about the missed payment.
func stopped(t *testing.T, some ...terms) *life {
	t.Helper()
	l := born(t, some...)
	l.wishes("2026-01-10 18:00", event.BorrowerReplied, contact.Wish{Channel: contact.SMS})
	l.wishes("2026-01-10 18:00", event.BorrowerReplied, contact.Wish{Channel: contact.Email})
	return l
}

// task is the task that the journey's last assignment is.
func (l *life) task() string {
	for n := len(l.facts.Journey.Done) - 1; n >= 0; n-- {
		if d := l.facts.Journey.Done[n]; d.Result == journey.ResultAssigned {
			return d.Contact
		}
	}
	return ""
}

// calls plans what a person says of the task that is theirs by then.
func (l *life) calls(when, then, rest string) {
	l.at(when, func() {
		l.tell(l, "· a call: %s", then)
		l.happens(event.CallCompleted, fmt.Sprintf(`{"task":%q,"then":%q,%s}`, l.task(), then, rest))
	})
}

// agesOut plans that nobody does the task in time.
func (l *life) agesOut(when string) {
	l.at(when, func() {
		l.tell(l, "· a task ages out")
		l.happens(event.TaskExpired, fmt.Sprintf(`{"task":%q}`, l.task()))
	})
}

func TestATaskSaysHowItWaits(t *testing.T) {
	t.Parallel()
	l := stopped(t)
	l.until("2026-01-25")
	require.NotEmpty(t, l.task())
	waits := strategy.Assign(strategy.ReasonNoChannel, l.now)
	require.Equal(t, 20, waits.Priority)
	require.Equal(t, 3, waits.Tries)
	order := []int{}
	for _, reason := range []string{"hardship", "complaint", "estate", "reply", strategy.ReasonNoChannel, strategy.ReasonGivenUp} {
		order = append(order, strategy.Assign(reason, l.now).Priority)
	}
	require.IsDecreasing(t, append(order[:1:1], order[2:]...))
	require.Equal(t, order[0], order[1])
}

func TestAStrategySaysHowTasksWait(t *testing.T) {
	t.Parallel()
	with := func(section string) (*strategy.Strategy, error) {
		return strategy.Parse("own.yaml", []byte(plain().Text+"\nworklist:\n"+section))
	}
	s, err := with("  no_channel: {priority: 70, within_days: 3}\n")
	require.NoError(t, err)
	l := stopped(t, terms{strategy: s})
	l.until("2026-01-21 06:00")
	step := l.last.Step
	require.Equal(t, "notice-1@2026-01-20", step.Key)
	require.Equal(t, journey.Task, step.Kind)
	require.Equal(t, journey.Assignment{Priority: 70, Until: step.At.AddDate(0, 0, 3).UTC(), Tries: 3}, *step.Worklist, "what is left out has its default")
	for section, says := range map[string]string{
		"  weather: {priority: 5}\n":         `"weather" is no reason of a task`,
		"  hardship: {priority: 101}\n":      "101 must lie between 1 and 100",
		"  hardship: {tries: -1}\n":          "-1 must lie between 1 and 20",
		"  hardship: {within_days: 1000}\n":  "1000 must lie between 1 and 365",
		"  hardship: {urgency: very high}\n": `unknown field "urgency"`,
	} {
		_, err := with(section)
		require.ErrorContains(t, err, "own.yaml:", section)
		require.ErrorContains(t, err, says, section)
	}
}

func TestAPromiseInACallLetsTheLadderRest(t *testing.T) {
	t.Parallel()
	l := stopped(t)
	l.calls("2026-01-22 16:00", "done", `"disposition":"promise","promise":{"promise":"P-1","amount":"100.00","currency":"USD","by":"2026-02-04"}`)
	l.until("2026-02-20")
	found := l.lines("task notice", "a call")
	require.Equal(t, []string{"01-21", "01-22"}, dates(found[:2]), "%s", strings.Join(found, "\n"))
	require.GreaterOrEqual(t, dates(found)[2], "02-07", "nobody calls while the promise is open")
	_, reached := l.facts.Journey.LastDone("notice-1@2026-01-20", func(r journey.Result) bool { return r == journey.ResultReached })
	require.True(t, reached)
}

func TestWhatIsSaidInACallIsAsIfItWereSaidByItself(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rest  string
		alone event.Type
		data  string
	}{
		"hardship": {`"disposition":"hardship","hardship":{}`, event.HardshipReported, `{}`},
		"a promise": {
			`"disposition":"promise","promise":{"promise":"P-1","amount":"100.00","currency":"USD","by":"2026-02-04"}`,
			event.PromiseMade, `{"promise":"P-1","amount":"100.00","currency":"USD","by":"2026-02-04"}`,
		},
		"a dispute": {`"disposition":"dispute","dispute":{"dispute":"D-1"}`, event.DisputeRaised, `{"dispute":"D-1"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCall, alone := stopped(t), stopped(t)
			inCall.calls("2026-01-22 16:00", "done", c.rest)
			alone.at("2026-01-22 16:00", func() {
				alone.number++ // one event, or two: the numbers alone differ
				alone.facts.Journey.Apply(event.Event{
					Source: "s", ID: "call", Type: event.CallCompleted, Loan: "L-1", Number: alone.number, At: alone.now.UTC(),
					Data: []byte(fmt.Sprintf(`{"task":%q,"then":"done","disposition":"right_party"}`, alone.task())),
				})
				alone.happens(c.alone, c.data)
			})
			inCall.until("2026-01-23")
			alone.until("2026-01-23")
			require.Equal(t, text(t, alone.facts.Journey.Promises), text(t, inCall.facts.Journey.Promises))
			require.Equal(t, text(t, alone.facts.Journey.Hardships), text(t, inCall.facts.Journey.Hardships))
			require.Equal(t, text(t, alone.facts.Journey.Disputes), text(t, inCall.facts.Journey.Disputes))
			require.Equal(t, text(t, alone.facts.Journey.Holds), text(t, inCall.facts.Journey.Holds))
			require.Equal(t, alone.last.Step.Key, inCall.last.Step.Key)
			require.Equal(t, alone.last.Step.Reason, inCall.last.Step.Reason)
		})
	}
}

func TestADeathThatIsHeardInACallStopsEverything(t *testing.T) {
	t.Parallel()
	l := stopped(t)
	l.calls("2026-01-22 16:00", "unreachable", `"disposition":"deceased"`)
	l.at("2026-01-22 16:00", func() { l.person.Holds = []contact.Hold{{ID: "d", Kind: contact.DeceasedHold, From: l.now}} })
	l.until("2026-03-20")
	found := l.lines("task", " by ")
	require.Contains(t, found[len(found)-1], "task estate@2026-01-22")
}

func TestATaskThatIsToBeTriedAgainStaysTheOnlyOne(t *testing.T) {
	t.Parallel()
	l := stopped(t)
	for _, when := range []string{"2026-01-22 16:00", "2026-01-23 16:00"} {
		l.calls(when, "again", `"disposition":"voicemail"`)
	}
	l.calls("2026-01-24 16:00", "unreachable", `"disposition":"voicemail"`)
	l.until("2026-01-25")
	require.Len(t, l.lines("task notice"), 1)
	_, made := l.facts.Journey.LastDone("notice-1@2026-01-20", journey.Result.Made)
	require.True(t, made, "who cannot be reached has been sought")
}

func TestATaskThatAgesOutIsAssignedAnewAndGivenUpAtLast(t *testing.T) {
	t.Parallel()
	l := stopped(t)
	for _, when := range []string{"2026-02-04 12:00", "2026-02-18 12:00", "2026-03-04 12:00"} {
		l.agesOut(when)
	}
	l.until("2026-05-01")
	require.Equal(t, []string{"01-21", "02-04", "02-18"}, dates(l.lines("task notice")))
	require.Contains(t, strings.Join(l.lines("lending system"), "\n"), "charge-off@2026-01-20", "what is due by date is done on its date")
	given := false
	for _, c := range l.why.Considered {
		given = given || c.Key == "notice-1@2026-01-20" && c.Reason == strategy.ReasonGivenUp
	}
	require.True(t, given)
}

func TestWhatMustBeDoneIsAssignedHoweverOftenItAgesOut(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.at("2026-01-12 12:00", func() {
		l.person.Holds = []contact.Hold{{ID: "d", Kind: contact.DeceasedHold, From: l.now}}
		l.happens(event.BorrowerDied, `{}`)
	})
	for _, when := range []string{"2026-02-12 12:00", "2026-03-12 12:00", "2026-04-12 12:00", "2026-05-12 12:00"} {
		l.agesOut(when)
	}
	l.until("2026-05-20")
	require.Len(t, l.lines("task estate"), 5)
}

// found is what the last decision says of the only task that waits.
func (l *life) found() strategy.TaskFound {
	l.t.Helper()
	require.Len(l.t, l.why.Tasks, 1)
	return l.why.Tasks[0]
}

func TestADecisionSaysWhichTasksAreStillWanted(t *testing.T) {
	t.Parallel()
	l := stopped(t)
	l.until("2026-01-22")
	l.at("2026-01-22 09:00", func() { l.happens(event.ContactRecorded, `{}`) })
	l.until("2026-01-22 10:00")
	require.Equal(t, strategy.TaskFound{Task: l.task(), Step: "notice-1@2026-01-20"}, l.found())

	l.says("2026-01-22 11:00", event.PromiseMade, `{"promise":"P-1","amount":"100.00","currency":"USD","by":"2026-02-04"}`)
	l.until("2026-01-22 12:00")
	require.False(t, l.found().Needless)
	require.Equal(t, "2026-02-07", l.found().RestsUntil.In(l.zone).Format("2006-01-02"), "two days after the promise")

	l.pays("2026-01-23")
	l.until("2026-01-24")
	require.True(t, l.found().Needless, "it is paid")

	l.calls("2026-01-25 12:00", "done", `"disposition":"right_party"`)
	l.until("2026-01-26")
	require.Empty(t, l.why.Tasks, "it has ended")
}

func TestATaskToHelpIsNeedlessOnceAPlanIsOnItsWay(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.facts.Products = products()
	l.says("2026-01-12 12:00", event.HardshipReported, `{}`) // of which too little is known to offer a plan
	l.until("2026-01-12 13:00")
	require.Len(t, l.lines("task hardship"), 1)
	l.at("2026-01-13 12:00", func() {
		l.facts.Journey.Plans = append(l.facts.Journey.Plans, journey.Plan{ID: "PL-1", Offered: l.now.UTC()})
		l.happens(event.ContactRecorded, `{}`)
	})
	l.until("2026-01-13 13:00")
	require.True(t, l.found().Needless)
}

func TestHardshipThatNobodyHeardBecomesAComplaint(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.says("2026-01-12 12:00", event.HardshipReported, `{}`)
	for _, when := range []string{"2026-01-27 12:00", "2026-02-11 12:00"} {
		l.agesOut(when)
	}
	l.until("2026-02-12")
	require.Empty(t, l.lines("record"), "somebody may yet")
	l.agesOut("2026-02-26 12:00")
	l.until("2026-04-01")
	require.Equal(t, []string{"02-26"}, dates(l.lines("record complaint.raised: hardship-unheard@2026-01-12")), "once, and in the borrower's stead")
	require.Len(t, l.lines("task hardship"), 4, "and all the while it is somebody's task")
}
