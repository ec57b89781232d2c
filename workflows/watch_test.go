package workflows_test

import (
	"sync"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/journey"
)

// watcher is an interceptor that sees every question that a workflow asks Decide: the journey as it is at that moment.
type watcher struct {
	interceptor.WorkerInterceptorBase
	// meddle, if set, is called with every question, where the loop would ask it.
	meddle    func(workflow.Context, activities.Question)
	mu        sync.Mutex
	questions []activities.Question
}

func (w *watcher) asked() []activities.Question {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.questions
}

// last is the journey of the last question.
func (w *watcher) last() journey.Journey {
	all := w.asked()
	if len(all) == 0 {
		return journey.Journey{}
	}
	return all[len(all)-1].Journey
}

func (w *watcher) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	i := &watchedInbound{watcher: w}
	i.Next = next
	return i
}

type watchedInbound struct {
	interceptor.WorkflowInboundInterceptorBase
	watcher *watcher
}

func (i *watchedInbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	o := &watchedOutbound{watcher: i.watcher}
	o.Next = next
	return i.Next.Init(o)
}

type watchedOutbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	watcher *watcher
}

func (o *watchedOutbound) ExecuteLocalActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	if q, ok := args[0].(activities.Question); ok {
		o.watcher.mu.Lock()
		o.watcher.questions = append(o.watcher.questions, q)
		o.watcher.mu.Unlock()
		if o.watcher.meddle != nil {
			o.watcher.meddle(ctx, q)
		}
	}
	return o.Next.ExecuteLocalActivity(ctx, name, args...)
}
