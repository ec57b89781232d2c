// Package classify asks a service what a borrower's reply means, in place of the rules of package reply. docs/replies.md has the
// contract. The service is not trusted: an answer is taken only if all of it makes sense, and whoever asks has the rules to fall back to.
//
// The service is told what the borrower wrote and nothing of who wrote it. No error repeats anything of the text or of the answer.
package classify

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
)

// The variables that configure the classifier.
const (
	// EnvURL is where questions are posted to.
	EnvURL = "TENDER_CLASSIFIER_URL"
	// EnvToken is sent as a bearer token.
	EnvToken = "TENDER_CLASSIFIER_TOKEN"
	// EnvTimeout is how long an answer is waited for.
	EnvTimeout = "TENDER_CLASSIFIER_TIMEOUT"
)

const (
	// DefaultTimeout is how long an answer is waited for.
	DefaultTimeout = 2 * time.Second
	// mostTimeout bounds the wait: whoever sends a reply waits too, and a stop in it does not bind before.
	mostTimeout = 10 * time.Second
	// answerLimit bounds an answer, in bytes.
	answerLimit = 16 << 10
	// mostFailures in a row make the classifier rest for so long.
	mostFailures = 5
	rests        = time.Minute
)

// Config says where a classifier is. None is configured when URL is empty.
type Config struct {
	// URL takes questions by POST: https, or http on this machine.
	URL string
	// Token is sent as a bearer token; none when empty.
	Token string
	// Timeout is how long an answer is waited for, a second try included. Default: 2 s.
	Timeout time.Duration
}

// Question is what a classifier is told of a reply: nothing that says who wrote it, unless the text does.
type Question struct {
	// Text is what the borrower wrote, without what the mail quotes of ours.
	Text string `json:"text"`
	// Languages are candidates for that in which it is written, the likeliest first.
	Languages []string `json:"languages"`
	// On is the date at the borrower's on which it was written.
	On bizclock.Date `json:"on"`
	// Currency is the loan's; empty when the reply may be about loans in several.
	Currency string `json:"currency,omitempty"`
	// Channel is that on which the borrower wrote.
	Channel contact.Channel `json:"channel"`
}

// Failure says why a classifier gave no answer that can be taken.
type Failure struct {
	// Code is the word that is kept with the reply.
	Code event.ClassifierFailure
	// Field is the field of the answer that was refused, if one was.
	Field string
	// Reason says more. It repeats nothing of the text or of the answer.
	Reason string
}

// Error says which field was refused, and why.
func (f *Failure) Error() string {
	if f.Field == "" {
		return f.Reason
	}
	return f.Field + ": " + f.Reason
}

func failure(code event.ClassifierFailure, format string, args ...any) *Failure {
	return &Failure{Code: code, Reason: fmt.Sprintf(format, args...)}
}

// Client asks a classifier. It is safe for concurrent use.
type Client struct {
	url     string
	token   string
	timeout time.Duration
	http    *http.Client
	now     func() time.Time

	mu sync.Mutex
	// inRow is how many questions failed since the last that did not; the classifier is left alone until so long.
	inRow int
	until time.Time
	// tally counts answers, by the failure; those that were taken are under the empty word.
	tally map[event.ClassifierFailure]uint64
}

// New returns a client, or nil when no classifier is configured. now is the time on the wall. Its errors name the variable, and repeat
// no address: there may be a secret in it.
func New(c Config, now func() time.Time) (*Client, error) {
	if c.URL == "" {
		return nil, nil
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &Client{
		url: c.URL, token: c.Token, timeout: c.Timeout, now: now, tally: map[event.ClassifierFailure]uint64{},
		http: &http.Client{
			Transport: transport,
			// Whoever points elsewhere has not answered: a text goes where an operator said, and nowhere else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Check refuses an address to which no text may be sent, and a wait that is too long.
func (c Config) Check() error {
	u, err := url.Parse(c.URL)
	switch {
	case c.Timeout < 0 || c.Timeout > mostTimeout:
		return fmt.Errorf("%s: must lie above 0 and be at most %s; write such as 2s", EnvTimeout, mostTimeout)
	case c.URL == "":
		return nil
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%s: is no web address; write such as https://classifier.example.com/v1/replies", EnvURL)
	case u.User != nil:
		return fmt.Errorf("%s: must hold no user and password; set %s", EnvURL, EnvToken)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return fmt.Errorf("%s: must begin with https://, for what borrowers write is personal; http:// is for this machine alone", EnvURL)
	case strings.ContainsFunc(c.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("%s: must be plain characters without blanks", EnvToken)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Host names the classifier for a person.
func (c *Client) Host() string {
	u, err := url.Parse(c.url)
	if err != nil {
		return "an address that cannot be read" // it was read when the client was made
	}
	return u.Host
}

// Tally is how many questions came to which end since the client was made: under the empty word those that were answered.
func (c *Client) Tally() map[event.ClassifierFailure]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[event.ClassifierFailure]uint64{"": c.tally[""]}
	for _, f := range event.ClassifierFailures {
		all[f] = c.tally[f]
	}
	return all
}
