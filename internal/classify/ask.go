package classify

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
)

// Ask returns what the classifier says that a reply means. Its errors are of type [*Failure]. It asks twice at most, within one
// time-out: again after a 5xx, or when the connection failed. After five failures in a row nobody is asked for a minute.
func (c *Client) Ask(ctx context.Context, q Question) (reply.Meaning, error) {
	if c.resting() {
		c.count(event.ClassifierRested)
		return reply.Meaning{}, failure(event.ClassifierRested, "is left alone for a while, since it failed %d times in a row", mostFailures)
	}
	m, err := c.ask(ctx, q)
	if ctx.Err() != nil && err != nil {
		err.Code = event.ClassifierTimedOut // whoever asked could not wait, which is no fault of the classifier
		c.count(err.Code)
		return reply.Meaning{}, err
	}
	c.note(err)
	if err != nil {
		return reply.Meaning{}, err
	}
	return m, nil
}

func (c *Client) ask(ctx context.Context, q Question) (reply.Meaning, *Failure) {
	if q.Languages == nil {
		q.Languages = []string{}
	}
	body, err := json.Marshal(q)
	if err != nil {
		panic(err) // text, words and a date have a form in JSON
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	answer, again, failed := c.post(ctx, body)
	if again && ctx.Err() == nil {
		answer, _, failed = c.post(ctx, body)
	}
	if failed != nil {
		return reply.Meaning{}, failed
	}
	return read(answer, q)
}

// post makes one request and returns the answer. again reports whether another request may fare better.
func (c *Client) post(ctx context.Context, body []byte) (answer []byte, again bool, failed *Failure) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, false, failure(event.ClassifierUnreached, "cannot be asked at this address")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, true, c.lost(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, response.StatusCode >= 500, failure(event.ClassifierStatus, "answered with status %d, and not with 200", response.StatusCode)
	}
	answer, err = io.ReadAll(io.LimitReader(response.Body, answerLimit+1))
	switch {
	case err != nil:
		return nil, true, c.lost(ctx, err)
	case len(answer) > answerLimit:
		return nil, false, failure(event.ClassifierRefused, "is longer than %d bytes", answerLimit)
	}
	return answer, false, nil
}

// lost says how a connection failed, in words that repeat no address.
func (c *Client) lost(ctx context.Context, err error) *Failure {
	var (
		wait        net.Error
		dns         *net.DNSError
		op          *net.OpError
		certificate *tls.CertificateVerificationError
	)
	switch {
	case ctx.Err() != nil, errors.As(err, &wait) && wait.Timeout():
		return failure(event.ClassifierTimedOut, "did not answer within %s", c.timeout)
	case errors.As(err, &dns):
		return failure(event.ClassifierUnreached, "cannot be reached: no such host")
	case errors.As(err, &certificate):
		return failure(event.ClassifierUnreached, "cannot be reached: its certificate is not trusted")
	case errors.As(err, &op):
		return failure(event.ClassifierUnreached, "cannot be reached: %v", op.Err)
	}
	return failure(event.ClassifierUnreached, "cannot be reached: the connection broke")
}

// resting reports whether the classifier is left alone. Once it has rested, a single failure more makes it rest again.
func (c *Client) resting() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().Before(c.until)
}

// note counts an answer, and what it says of the classifier.
func (c *Client) note(failed *Failure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if failed == nil {
		c.tally[""]++
		c.inRow = 0
		return
	}
	c.tally[failed.Code]++
	if c.inRow++; c.inRow >= mostFailures {
		c.until = c.now().Add(rests)
	}
}

func (c *Client) count(code event.ClassifierFailure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tally[code]++
}
