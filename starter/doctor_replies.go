package main

import (
	"context"
	"fmt"
	"time"
)

// repliesSince is how far back the doctor looks at how replies were understood.
const repliesSince = 24 * time.Hour

// replies says who understands replies, and how often the rules had to in place of the classifier. It asks the classifier nothing.
func (d *doctor) replies(ctx context.Context) {
	classifier, err := d.settings.NewClassifier()
	switch {
	case err != nil:
		d.say("replies", failed, "correct the variable; docs/settings.md lists them", "%v", err)
		return
	case classifier == nil:
		d.say("replies", well, "", "are understood by the rules alone")
		return
	}
	db, ok := d.open(ctx, "replies")
	if !ok {
		return
	}
	now, err := db.Now(ctx)
	if err != nil {
		d.fault("replies", err)
		return
	}
	rows, err := db.RepliesUnderstood(ctx, now.Add(-repliesSince))
	if err != nil {
		d.fault("replies", err)
		return
	}
	all, lost, cases := int64(0), int64(0), []string{}
	for _, row := range rows {
		if all += row.Replies; row.Failed != "" {
			lost += row.Replies
			cases = append(cases, fmt.Sprintf("%s: %d", row.Failed, row.Replies))
		}
	}
	if lost > 0 {
		d.say("replies", warning, "look at the classifier and its log; docs/replies.md says what each code means",
			"%d of the %d replies of the last day that the classifier at %s was to understand were understood by the rules", lost, all, classifier.Host()).Cases = cases
		return
	}
	d.say("replies", well, "", "are understood by the classifier at %s: %d in the last day", classifier.Host(), all)
}
