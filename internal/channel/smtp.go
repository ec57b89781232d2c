package channel

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	stdmail "net/mail"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"
)

// The variables that configure SMTP.
const (
	// EnvSMTPAddress is the server's host and port, such as mail.example.com:587.
	EnvSMTPAddress = "TENDER_SMTP_ADDRESS"
	// EnvSMTPFrom is the sender, such as Example Bank <care@example.com>. Replies and unsubscriptions go there.
	EnvSMTPFrom = "TENDER_SMTP_FROM"
	// EnvSMTPUser and EnvSMTPPassword log in; neither: no login.
	EnvSMTPUser     = "TENDER_SMTP_USER"
	EnvSMTPPassword = "TENDER_SMTP_PASSWORD"
	// EnvSMTPTLS is mandatory (STARTTLS or nothing; the default), opportunistic (STARTTLS where offered), implicit (TLS
	// from the first byte, as on port 465) or none.
	EnvSMTPTLS = "TENDER_SMTP_TLS"
)

// sendTimeout bounds one attempt to hand a message to a provider, where the caller's context does not bound it further.
const sendTimeout = 30 * time.Second

// SMTP sends mail through one server. SMTP cannot look a message up, so one whose fate is unknown stays so.
type SMTP struct {
	host           string
	port           int
	from           *stdmail.Address
	user, password string
	policy         string
	// tls is what the connection is secured with; tests trust a certificate of their own.
	tls *tls.Config
}

var smtpPolicies = []string{"mandatory", "opportunistic", "implicit", "none"}

// newSMTP returns the adapter that the environment describes.
func newSMTP(env func(string) string) (Adapter, error) {
	host, portText, err := net.SplitHostPort(env(EnvSMTPAddress))
	if err != nil || host == "" {
		return nil, fmt.Errorf("%s: is missing or no host and port; set it to such as mail.example.com:587", EnvSMTPAddress)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || port == 0 {
		return nil, fmt.Errorf("%s: port %q is no number from 1 to 65535; set it to such as mail.example.com:587", EnvSMTPAddress, portText)
	}
	from, err := stdmail.ParseAddress(env(EnvSMTPFrom))
	if err != nil {
		return nil, fmt.Errorf("%s: is missing or no mail address; set it to such as Example Bank <care@example.com>", EnvSMTPFrom)
	}
	if (env(EnvSMTPUser) == "") != (env(EnvSMTPPassword) == "") {
		return nil, fmt.Errorf("%s and %s: one is set without the other; set both or neither", EnvSMTPUser, EnvSMTPPassword)
	}
	policy := env(EnvSMTPTLS)
	if policy == "" {
		policy = "mandatory"
	}
	if !slices.Contains(smtpPolicies, policy) {
		return nil, fmt.Errorf("%s: unknown policy %q; use one of %s", EnvSMTPTLS, policy, strings.Join(smtpPolicies, ", "))
	}
	if policy == "none" && env(EnvSMTPUser) != "" && !loopback(host) {
		return nil, fmt.Errorf("%s: none would send the password for all to read; use mandatory or implicit", EnvSMTPTLS)
	}
	return &SMTP{
		host: host, port: int(port), from: from, policy: policy,
		user: env(EnvSMTPUser), password: env(EnvSMTPPassword),
		tls: &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12},
	}, nil
}

// Name implements [Adapter].
func (s *SMTP) Name() string { return "smtp" }

// Send implements [Adapter]. Until the dot that ends the text has been sent, the server must not deliver (RFC 5321,
// 4.1.1.4), so whatever fails before it has reached nobody. From the dot on only the server's answer tells.
func (s *SMTP) Send(ctx context.Context, m Message) (Receipt, error) {
	mail, err := s.compose(m)
	if err != nil {
		return Receipt{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	line := &line{policy: s.policy, tls: s.tls}
	defer line.hangUp()
	client, err := s.client(line)
	if err != nil {
		return Receipt{}, &Failure{Fate: Unreached, Code: "smtp_client", Detail: detail(err.Error())}
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return Receipt{}, greetingFailure(err, line.conn != nil)
	}
	// The library listens to the context only while dialing. Cutting the line is how it learns later.
	defer context.AfterFunc(ctx, line.hangUp)()
	if err = client.SendWithSMTPClient(session, mail); err != nil && !mail.IsDelivered() {
		// Without QUIT: the library would first send the dot of a text that broke off, and have half of it delivered.
		return Receipt{}, sendFailure(err)
	}
	_ = session.Quit()
	return Receipt{Ref: reference(m.Key), Detail: detail(mail.ServerResponse())}, nil
}

// compose writes the mail. What could break out of a header is refused here, before a server sees it.
func (s *SMTP) compose(m Message) (*mail.Msg, error) {
	to, err := stdmail.ParseAddress(m.To)
	if err != nil || to.Address != m.To || strings.ContainsFunc(m.To, unicode.IsControl) {
		return nil, &Failure{Fate: Refused, Code: "smtp_bad_address", Permanent: true, Unusable: true}
	}
	if strings.ContainsFunc(m.Subject, unicode.IsControl) {
		return nil, &Failure{Fate: Refused, Code: "smtp_bad_subject", Permanent: true}
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	msg.ToMailAddress(to)
	msg.Subject(m.Subject)
	msg.SetDate()
	_, domain, _ := strings.Cut(s.from.Address, "@")
	msg.SetMessageIDWithValue(reference(m.Key) + "@" + domain)
	// No out-of-office answer shall come back (RFC 3834), and every mail program shall offer the way out (RFC 2369).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("List-Unsubscribe", "<mailto:"+s.from.Address+"?subject=STOP>")
	msg.SetBodyString(mail.TypeTextPlain, m.Body)
	return msg, nil
}

// reference derives what stands before the @ of a mail's Message-ID from the contact's key, so that every attempt
// carries the same one and a bounce, which quotes it, leads back to the contact.
func reference(key string) string { return url.QueryEscape(key) }

// client returns a client of its own for one mail: a connection that is kept may be closed by the server in the very
// moment in which the next mail is written to it.
func (s *SMTP) client(l *line) (*mail.Client, error) {
	options := []mail.Option{
		mail.WithPort(s.port), mail.WithTimeout(sendTimeout), mail.WithTLSConfig(s.tls),
		mail.WithDialContextFunc(l.dial), mail.WithoutNoop(), mail.WithoutRset(),
	}
	switch s.policy {
	case "mandatory":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case "opportunistic":
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case "implicit":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	}
	if s.user != "" {
		options = append(options, mail.WithUsername(s.user), mail.WithPassword(s.password),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin, mail.SMTPAuthCramMD5))
	}
	return mail.NewClient(s.host, options...)
}

// line is one connection, held so that it can be cut.
type line struct {
	policy string
	tls    *tls.Config
	conn   net.Conn
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	} = &net.Dialer{}
	if l.policy == "implicit" {
		dialer = &tls.Dialer{Config: l.tls}
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.conn = conn
	return conn, nil
}

func (l *line) hangUp() {
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

// greetingFailure classifies what went wrong before any mail was named. It says nothing about the borrower's address.
func greetingFailure(err error, connected bool) *Failure {
	code := "smtp_connect"
	var answer *textproto.Error
	switch {
	case errors.As(err, &answer):
		code = fmt.Sprintf("smtp_%d", answer.Code)
	case connected:
		code = "smtp_session"
	}
	return &Failure{Fate: Unreached, Code: code, Detail: detail(err.Error())}
}

// sendFailure classifies what went wrong with a mail.
func sendFailure(err error) *Failure {
	failure := &Failure{Fate: Unknown, Code: "smtp_no_answer", Detail: detail(err.Error())}
	var sent *mail.SendError
	if !errors.As(err, &sent) {
		return failure
	}
	switch {
	case sent.ErrorCode() != 0:
		failure.Fate, failure.Code = Refused, fmt.Sprintf("smtp_%d", sent.ErrorCode())
		if enhanced := sent.EnhancedStatusCode(); enhanced != "" {
			failure.Code += "_" + enhanced
		}
		failure.Permanent, failure.Unusable = verdict(sent.Reason, sent.ErrorCode(), sent.EnhancedStatusCode())
	case sent.Reason != mail.ErrSMTPDataClose && sent.Reason != mail.ErrAmbiguous:
		failure.Fate, failure.Code = Unreached, "smtp_broke_off"
	}
	return failure
}

// verdict reads an answer: is it final, and is it about the recipient's address? An answer about us (our login, our
// sender's address, what the server may relay) is neither, because mending our side mends it. The meaning of the
// enhanced codes is RFC 3463's.
func verdict(reason mail.SendErrReason, code int, enhanced string) (permanent, unusable bool) {
	_, subject, _ := strings.Cut(enhanced, ".")
	class, _, _ := strings.Cut(subject, ".")
	switch {
	case code < 500, reason == mail.ErrSMTPMailFrom:
		return false, false
	case code == 530, code == 534, code == 535, code == 538, subject == "1.7", subject == "1.8":
		return false, false
	case class == "7" && reason == mail.ErrSMTPRcptTo:
		return false, false
	case class == "1", subject == "2.1", subject == "4.4":
		return true, true
	case class == "" && reason == mail.ErrSMTPRcptTo && (code == 550 || code == 551 || code == 553):
		return true, true
	}
	return true, false
}
