package activities_test

import (
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"sync"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/settings"
)

// provider is somebody who takes messages, over a real connection.
type provider struct {
	channel contact.Channel
	// env is how a worker is told of the provider.
	env settings.Environ
	// taken is how many messages went to the borrower.
	taken func() int
}

// desk is where an HTTP provider notes what it took. What it says to the next requests is for the test to tell.
type desk struct {
	mu   sync.Mutex
	took map[string]int
	// answers are given to the next messages in the place of taking them.
	answers []func(http.ResponseWriter)
	// silent has it take messages, and hang up instead of saying so.
	silent bool
}

func (d *desk) taken() (count int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, times := range d.took {
		count += times
	}
	return count
}

// says has the provider answer the next message with a status and a body, without taking it.
func (d *desk) says(status int, body string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers = append(d.answers, func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func (d *desk) mute(silent bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silent = silent
}

// take takes the message with a key, unless another answer is due.
func (d *desk) take(w http.ResponseWriter, key string, once bool, status int, body string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.answers) > 0 {
		d.answers[0](w)
		d.answers = d.answers[1:]
		return
	}
	if d.took[key] == 0 || !once {
		d.took[key]++
	}
	if d.silent {
		panic(http.ErrAbortHandler) // the connection breaks off
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// serve starts the provider and returns its address.
func (d *desk) serve(o *office, handle http.HandlerFunc) string {
	d.took = map[string]int{}
	server := httptest.NewUnstartedServer(handle)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	o.Cleanup(server.Close)
	return server.URL
}

// webhook is a service of the lender's own that keeps to the contract: it knows a key again.
func webhook(o *office) *provider {
	p, _ := webhookWith(o)
	return p
}

func webhookWith(o *office) (*provider, *desk) {
	d := &desk{}
	url := d.serve(o, func(w http.ResponseWriter, r *http.Request) {
		const answer = `{"ref": "m-1"}`
		if r.Method == http.MethodPost {
			d.take(w, r.Header.Get("Idempotency-Key"), true, http.StatusAccepted, answer)
			return
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.took[path.Base(r.URL.Path)] == 0 {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, answer)
	})
	return &provider{contact.Push, settings.Environ{
		"TENDER_CHANNELS=push=webhook,email=outbox,sms=outbox", "TENDER_WEBHOOK_URL=" + url, "TENDER_WEBHOOK_TOKEN=secret",
	}, d.taken}, d
}

// twilio takes every message anew: it knows no key of ours.
func twilio(o *office) *provider {
	p, _ := twilioWith(o)
	return p
}

func twilioWith(o *office) (*provider, *desk) {
	d := &desk{}
	url := d.serve(o, func(w http.ResponseWriter, r *http.Request) {
		d.take(w, r.FormValue("To"), false, http.StatusCreated, `{"sid": "SM1", "status": "queued"}`)
	})
	return &provider{contact.SMS, settings.Environ{
		"TENDER_CHANNELS=sms=twilio,email=outbox", "TENDER_TWILIO_ACCOUNT=AC1", "TENDER_TWILIO_TOKEN=secret",
		"TENDER_TWILIO_FROM=+12125550100", "TENDER_TWILIO_BASE_URL=" + url,
	}, d.taken}, d
}

// twilioError is how Twilio says no.
func twilioError(code int) string {
	text, _ := json.Marshal(map[string]any{"code": code, "message": "no", "status": 400})
	return string(text)
}

// mailServer is a real SMTP server that takes every mail.
func mailServer(o *office) *provider {
	m := &mailbox{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(o, err)
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return m, nil }))
	server.ErrorLog = log.New(io.Discard, "", 0)
	go func() { _ = server.Serve(listener) }()
	o.Cleanup(func() { _ = server.Close() })
	return &provider{contact.Email, settings.Environ{
		"TENDER_CHANNELS=email=smtp,sms=outbox", "TENDER_SMTP_ADDRESS=" + listener.Addr().String(),
		"TENDER_SMTP_FROM=Example Bank <care@example.com>", "TENDER_SMTP_TLS=none",
	}, m.taken}
}

// mailbox counts the mails that were taken.
type mailbox struct {
	mu    sync.Mutex
	mails int
}

func (m *mailbox) taken() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mails
}

func (m *mailbox) Mail(string, *smtp.MailOptions) error { return nil }
func (m *mailbox) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (m *mailbox) Reset()                               {}
func (m *mailbox) Logout() error                        { return nil }

func (m *mailbox) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	if err == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.mails++
	}
	return err
}
