package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/internal/complaint"
)

// Complaint accompanies one complaint from the day on which it was registered until the borrower was asked how it was handled. It outlives
// the journey of the loan that it is about, if it is about one. What is next follows from recorded decisions, as everywhere; in which
// order a complaint lives stands here.
func Complaint(ctx workflow.Context, s State) error {
	c := &complained{}
	c.life, c.err = begin(ctx, s)
	for !c.over && c.err == nil {
		// Before anything else the borrower hears that it was received, who has it, and by when they will hear. Nothing moves up before.
		c.during(ctx, complaint.Registered)
		// Somebody of the level takes it up, and sorts it: what it is about says who may, and whether collection rests meanwhile.
		c.during(ctx, complaint.Acknowledged, complaint.Escalated)
		// It is looked into. Each deadline warns when half of its time is over, and at four fifths; when it passes, the complaint moves up a
		// level, the borrower hears who has it now, and it is taken up anew. At the last level it stays open, late, and in plain sight.
		c.during(ctx, complaint.Triaged, complaint.Investigating)
		// The answer goes out, with its reasons, what is done to put it right, and how to take it further. An objection moves it up.
		c.during(ctx, complaint.Answered)
		// It is closed. Some days later: was it handled well? Whoever says no has it opened again, one level up.
		c.during(ctx, complaint.Closed)
		c.otherwise(ctx)
	}
	return c.err
}

// complained is a complaint that is accompanied.
type complained struct {
	*life
	over bool
	err  error
}

// state is how far the complaint had come when it was last decided upon.
func (c *complained) state() complaint.State {
	if c.Journey.Last.Stage == "" {
		return complaint.Registered
	}
	return complaint.State(c.Journey.Last.Stage)
}

// during accompanies the complaint as long as it is in one of some states.
func (c *complained) during(ctx workflow.Context, states ...complaint.State) {
	for !c.over && c.err == nil && slices.Contains(states, c.state()) {
		c.over, c.err = c.round(ctx)
	}
}

// otherwise accompanies it through a state that only a later version of Tender knows.
func (c *complained) otherwise(ctx workflow.Context) {
	if !c.over && c.err == nil && !slices.Contains(complaint.States, c.state()) {
		c.over, c.err = c.round(ctx)
	}
}
