package channel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// answerLimit bounds how much of a provider's answer is read, in bytes.
const answerLimit = 64 << 10

// transport opens a connection for each message, and speaks HTTP/1.1. Both are about the fate of a message: a kept
// connection may be closed by the provider in the very moment in which a request is written to it, and HTTP/2 repeats
// requests by itself; either leaves open whether a message went.
var transport = &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
	TLSHandshakeTimeout:   10 * time.Second,
	ResponseHeaderTimeout: sendTimeout,
	DisableKeepAlives:     true,
	Protocols:             http1(),
}

func http1() *http.Protocols {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return protocols
}

// attempt carries one request to a provider, once, and remembers how far it came.
type attempt struct {
	ctx context.Context
	// base replaces scheme and host of the request, and stands before its path; none keeps them.
	base *url.URL
	used atomic.Bool
	// reached is set when a connection to the provider stood: from then on it may have read the request.
	reached atomic.Bool
	// status is the provider's answer; zero when there was none.
	status int
}

var errRepeated = errors.New("a message is sent once")

// RoundTrip implements [http.RoundTripper]. It refuses a second request, whoever asks for it.
func (a *attempt) RoundTrip(request *http.Request) (*http.Response, error) {
	if a.used.Swap(true) {
		return nil, errRepeated
	}
	request = request.Clone(httptrace.WithClientTrace(a.ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { a.reached.Store(true) },
	}))
	if a.base != nil {
		request.URL.Scheme, request.URL.Host, request.Host = a.base.Scheme, a.base.Host, a.base.Host
		request.URL.Path = a.base.Path + request.URL.Path
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	a.status = response.StatusCode
	response.Body = limited{io.LimitReader(response.Body, answerLimit), response.Body}
	return response, nil
}

// limited reads the beginning of a body, and closes the whole.
type limited struct {
	io.Reader
	io.Closer
}

// client returns an HTTP client that makes the attempt. It follows no redirect: whoever is pointed to elsewhere has
// not taken the message.
func (a *attempt) client() *http.Client {
	return &http.Client{
		Transport:     a,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// fate says what an attempt that did not succeed leaves behind. A provider that answers with 408 or a 5xx may have
// failed before or after taking the message.
func (a *attempt) fate() Fate {
	switch {
	case !a.reached.Load():
		return Unreached
	case a.status == 0, a.status < 300, a.status == http.StatusRequestTimeout, a.status >= 500:
		return Unknown
	}
	return Refused
}

// code says why, after an adapter's name.
func (a *attempt) code(adapter string) string {
	switch {
	case !a.reached.Load():
		return adapter + "_unreached"
	case a.status == 0:
		return adapter + "_no_answer"
	}
	return fmt.Sprintf("%s_http_%d", adapter, a.status)
}
