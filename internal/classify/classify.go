// Package classify asks a service of the lender's own what a reply means. What it answers is looked at before it is believed, and
// where it does not answer, or not as it should, the rules of package reply decide as they do without it.
//
// The service is told the text, the date on which it was written, the loan's currency, the channel and the languages that come into
// question: nobody's name, number or address, and no id.
package classify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/reply"
)

// Question is what the service is asked.
type Question struct {
	// Text is what the borrower wrote, without what it quotes of our own mails.
	Text string `json:"text"`
	// On is the date on which it was written, where the borrower is.
	On bizclock.Date `json:"on"`
	// Currency is that of the loan, in which amounts are named; empty when the reply may be about several.
	Currency string          `json:"currency,omitempty"`
	Channel  contact.Channel `json:"channel"`
	// Languages are those that come into question, the likeliest first.
	Languages []string `json:"languages,omitempty"`
	// Intents, Causes and Topics are the words that the answer may use.
	Intents []reply.Intent   `json:"intents"`
	Causes  []hardship.Cause `json:"causes"`
	Topics  []reply.Topic    `json:"topics"`
}

// Failure is why the service was not heard. It says nothing of the text.
type Failure struct {
	// Code is timeout, unreachable, resting, answer or status_ and the HTTP status.
	Code string
	// Why says it in words.
	Why string
}

// Error returns why.
func (f *Failure) Error() string { return f.Why }

// Options say which service is asked, and how. The zero value of each field but URL is its default.
type Options struct {
	URL string
	// Token is sent as a bearer token. Default: none.
	Token string
	// Timeout bounds a question with all its tries. Default: 2 s; 10 s at most.
	Timeout time.Duration
	// Now is the time on the wall. Default: that of this machine.
	Now func() time.Time
}

// MostTimeout is the longest time-out.
const MostTimeout = 10 * time.Second

const (
	anyTimeout = 2 * time.Second
	// mostAnswer is how many bytes an answer may have.
	mostAnswer = 64 << 10
	// failuresInARow is after how many failures the service is left alone, and rests for how long.
	failuresInARow = 5
	rests          = time.Minute
)

// Classifier asks a service. It is safe for concurrent use.
type Classifier struct {
	options Options
	client  *http.Client

	mu      sync.Mutex
	failed  int
	resting time.Time
}

// New returns a classifier. Its errors say which option is wrong, and repeat no token.
func New(o Options) (*Classifier, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("is no web address; write such as https://nlp.example.com/classify")
	case u.User != nil:
		return nil, errors.New("holds a name or a password; send a token instead")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("must begin with https: what borrowers write would travel in the open")
	case o.Timeout < 0 || o.Timeout > MostTimeout:
		return nil, fmt.Errorf("a time-out of %s: it must lie between 0s and %s", o.Timeout, MostTimeout)
	}
	if o.Timeout == 0 {
		o.Timeout = anyTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	home := u.Host
	return &Classifier{options: o, client: &http.Client{
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if r.URL.Host != home || r.URL.Scheme != u.Scheme || len(via) > 3 {
				return errors.New("redirected elsewhere")
			}
			return nil
		},
	}}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Understand asks what a text means. A failure is a [*Failure]; the caller then goes by the rules.
func (c *Classifier) Understand(ctx context.Context, q Question) (reply.Meaning, error) {
	if until := c.rest(); !until.IsZero() {
		return reply.Meaning{}, &Failure{"resting", "the classifier failed several times in a row and is asked again in a while"}
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	q.Intents, q.Causes, q.Topics = reply.Intents, hardship.Causes, reply.Topics
	body, err := json.Marshal(q)
	if err != nil {
		return reply.Meaning{}, &Failure{"answer", "the question cannot be written"}
	}
	var m reply.Meaning
	for range 2 { // once more after what may pass
		var again bool
		if m, again, err = c.ask(ctx, body, q); err == nil || !again || ctx.Err() != nil {
			break
		}
	}
	c.note(err)
	return m, err
}

// rest is until when the service is left alone; the zero time when it may be asked.
func (c *Classifier) rest() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.options.Now().Before(c.resting) {
		return c.resting
	}
	return time.Time{}
}

// note counts failures in a row.
func (c *Classifier) note(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.failed = 0
		return
	}
	if c.failed++; c.failed >= failuresInARow {
		c.failed, c.resting = 0, c.options.Now().Add(rests)
	}
}

// ask asks once, and reports whether it may be worth asking again.
func (c *Classifier) ask(ctx context.Context, body []byte, q Question) (m reply.Meaning, again bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.options.URL, bytes.NewReader(body))
	if err != nil {
		return m, false, &Failure{"unreachable", "the classifier's address cannot be used"}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if c.options.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.options.Token)
	}
	response, err := c.client.Do(request)
	switch {
	case err != nil && ctx.Err() != nil:
		return m, false, &Failure{"timeout", "the classifier did not answer in time"}
	case err != nil:
		return m, true, &Failure{"unreachable", "the classifier cannot be reached"}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return m, false, &Failure{"timeout", "the classifier did not answer in time"}
	case err != nil:
		return m, true, &Failure{"unreachable", "the classifier's answer broke off"}
	case response.StatusCode != http.StatusOK:
		return m, response.StatusCode >= 500, &Failure{fmt.Sprintf("status_%d", response.StatusCode), fmt.Sprintf("the classifier answered with status %d", response.StatusCode)}
	case len(text) > mostAnswer:
		return m, false, &Failure{"answer", fmt.Sprintf("the classifier's answer has more than %d bytes", mostAnswer)}
	}
	m, err = Read(text, q)
	if err != nil {
		return m, false, &Failure{"answer", "the classifier's answer is refused: " + err.Error()}
	}
	return m, false, nil
}

// Heard are what rules find that no classifier may overlook: where they find one, it is part of the meaning.
var Heard = []reply.Intent{event.Stop, event.Complains, event.SuspectsFraud, event.WrongPerson}

// Joined is what a classifier says, with what the rules heard beside it.
func Joined(theirs, rules reply.Meaning) reply.Meaning {
	var all []reply.Intent
	for _, i := range reply.Intents {
		kept := theirs.Has(i) && i != reply.Unclear
		for _, must := range Heard {
			kept = kept || i == must && rules.Has(i)
		}
		if kept {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		all = []reply.Intent{reply.Unclear}
	}
	theirs.Intents = all
	if theirs.Has(reply.Stop) {
		theirs.Answer = ""
	}
	return theirs
}
