package channel_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/contact"
)

// postOffice is a real SMTP server. What it does at each stage is for the test to say; unless told otherwise it takes
// every mail.
type postOffice struct {
	atMail, atRcpt func(conn net.Conn) error
	// atData is given the text, and what was wrong with reading it.
	atData func(conn net.Conn, text string, err error) error

	lock      sync.Mutex
	delivered []string
}

func (p *postOffice) mails() []string {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.delivered
}

// open starts the server and returns its address.
func (p *postOffice) open(t *testing.T, prepare ...func(*smtp.Server, net.Listener) net.Listener) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &visit{office: p, conn: c.Conn()}, nil
	}))
	server.Domain = "mail.example.com"
	server.ErrorLog = log.New(io.Discard, "", 0)
	address := listener.Addr().String()
	for _, change := range prepare {
		listener = change(server, listener)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return address
}

// visit is one session at the post office.
type visit struct {
	office *postOffice
	conn   net.Conn
}

func (v *visit) AuthMechanisms() []string { return []string{sasl.Plain} }

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "tender" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (v *visit) Mail(string, *smtp.MailOptions) error { return v.ask(v.office.atMail) }
func (v *visit) Rcpt(string, *smtp.RcptOptions) error { return v.ask(v.office.atRcpt) }
func (v *visit) Reset()                               {}
func (v *visit) Logout() error                        { return nil }

func (v *visit) ask(stage func(net.Conn) error) error {
	if stage == nil {
		return nil
	}
	return stage(v.conn)
}

func (v *visit) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if v.office.atData != nil {
		if err := v.office.atData(v.conn, string(text), err); err != nil {
			return err
		}
	}
	if err == nil {
		v.office.lock.Lock()
		defer v.office.lock.Unlock()
		v.office.delivered = append(v.office.delivered, string(text))
	}
	return err
}

// mailer returns the adapter for a post office, with more settings in pairs.
func mailer(t *testing.T, address string, pairs ...string) channel.Adapter {
	t.Helper()
	return adapter(t, contact.Email, environment(append([]string{
		"TENDER_CHANNELS", "email=smtp", "TENDER_SMTP_ADDRESS", address,
		"TENDER_SMTP_FROM", "Example Bank <care@example.com>", "TENDER_SMTP_TLS", "none",
	}, pairs...)...))
}

func TestAMailArrivesAsWrittenUnderTheContactsKey(t *testing.T) {
	t.Parallel()
	office := &postOffice{}
	m := letter(contact.Email, "chen@example.org")
	m.Key = "L-1001/notice-1@2026-02-01"
	m.Subject = "关于您的贷款"
	m.Body = "陈女士，您好：\n\n.A line that begins with a dot.\n"

	receipt, err := mailer(t, office.open(t)).Send(t.Context(), m)

	require.NoError(t, err)
	require.Equal(t, "L-1001%2Fnotice-1%402026-02-01", receipt.Ref)
	require.Len(t, office.mails(), 1)
	mail, err := mail.ReadMessage(strings.NewReader(office.mails()[0]))
	require.NoError(t, err)
	subject, err := new(mime.WordDecoder).DecodeHeader(mail.Header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "关于您的贷款", subject)
	require.Equal(t, "<chen@example.org>", mail.Header.Get("To"))
	require.Equal(t, `"Example Bank" <care@example.com>`, mail.Header.Get("From"))
	require.Equal(t, "<L-1001%2Fnotice-1%402026-02-01@example.com>", mail.Header.Get("Message-ID"))
	require.Equal(t, "auto-generated", mail.Header.Get("Auto-Submitted"))
	require.Equal(t, "<mailto:care@example.com?subject=STOP>", mail.Header.Get("List-Unsubscribe"))
	require.Equal(t, "陈女士，您好：\r\n\r\n.A line that begins with a dot.\r\n", body(t, mail))
}

func TestTheServersAnswerDecidesWhetherAMailMayBeSentAgain(t *testing.T) {
	t.Parallel()
	answer := func(code, class, subject, detail int) func(net.Conn) error {
		return func(net.Conn) error {
			return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, subject, detail}, Message: "<chen@example.org> no"}
		}
	}
	afterText := func(err error) func(net.Conn, string, error) error {
		return func(net.Conn, string, error) error { return err }
	}
	hangUp := func(conn net.Conn) error { return conn.Close() }
	const none = -1
	refused := func(code string) channel.Failure { return channel.Failure{Fate: channel.Refused, Code: code} }
	final := func(code string) channel.Failure {
		return channel.Failure{Fate: channel.Refused, Code: code, Permanent: true}
	}
	noSuch := func(code string) channel.Failure {
		return channel.Failure{Fate: channel.Refused, Code: code, Permanent: true, Unusable: true}
	}
	takeAndHangUp := func(conn net.Conn, _ string, _ error) error { return conn.Close() }
	for _, c := range []struct {
		name   string
		office *postOffice
		is     channel.Failure
	}{
		{"no such mailbox", &postOffice{atRcpt: answer(550, 5, 1, 1)}, noSuch("smtp_550_5.1.1")},
		{"no such mailbox, in old words", &postOffice{atRcpt: answer(550, none, none, none)}, noSuch("smtp_550")},
		{"mailbox disabled", &postOffice{atRcpt: answer(550, 5, 2, 1)}, noSuch("smtp_550_5.2.1")},
		{"mailbox full", &postOffice{atRcpt: answer(552, 5, 2, 2)}, final("smtp_552_5.2.2")},
		{"mailbox busy", &postOffice{atRcpt: answer(450, 4, 2, 1)}, refused("smtp_450_4.2.1")},
		{"we may not relay", &postOffice{atRcpt: answer(550, 5, 7, 1)}, refused("smtp_550_5.7.1")},
		{"our sender is refused", &postOffice{atMail: answer(550, 5, 1, 8)}, refused("smtp_550_5.1.8")},
		{"the text is refused", &postOffice{atData: afterText(answer(554, 5, 7, 1)(nil))}, final("smtp_554_5.7.1")},
		{"the text is put off", &postOffice{atData: afterText(answer(451, 4, 3, 0)(nil))}, refused("smtp_451_4.3.0")},
		{
			"it hangs up when it hears the address", &postOffice{atRcpt: hangUp},
			channel.Failure{Fate: channel.Unreached, Code: "smtp_broke_off"},
		},
		{
			"it takes the text and hangs up", &postOffice{atData: takeAndHangUp},
			channel.Failure{Fate: channel.Unknown, Code: "smtp_no_answer"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := mailer(t, c.office.open(t)).Send(t.Context(), letter(contact.Email, "chen@example.org"))
			failed := failure(t, err)
			require.NotEmpty(t, failed.Detail, "the provider's words are kept")
			failed.Detail = ""
			require.Equal(t, c.is, failed)
		})
	}
}

func TestAServerThatIsNotThereHasNotBeenReached(t *testing.T) {
	t.Parallel()
	_, err := mailer(t, nobody(t)).Send(t.Context(), letter(contact.Email, "chen@example.org"))
	failed := failure(t, err)
	require.Equal(t, channel.Unreached, failed.Fate)
	require.Equal(t, "smtp_connect", failed.Code)
}

func TestAMailWhoseTextIsCutOffIsNotDeliveredAndMayBeSentAgain(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	readings := make(chan error, 1)
	office := &postOffice{
		// The server reads nothing before the sender has given up, so that a text beyond the buffers cannot be finished.
		atData: func(_ net.Conn, _ string, err error) error { readings <- err; return err },
	}
	address := office.open(t, func(s *smtp.Server, l net.Listener) net.Listener {
		s.MaxMessageBytes = 0
		return &slowListener{Listener: l, after: 4 << 10, reached: cancel, ctx: ctx}
	})
	m := letter(contact.Email, "chen@example.org")
	m.Body = strings.Repeat("A long text.\n", 1<<20)

	_, err := mailer(t, address).Send(ctx, m)

	require.Equal(t, channel.Unreached, failure(t, err).Fate)
	require.Error(t, <-readings, "the server must see that the text is not whole")
	require.Empty(t, office.mails())
}

// slowListener accepts connections that, once so many bytes were read, call reached and read on only when ctx is done.
type slowListener struct {
	net.Listener
	after   int
	reached func()
	ctx     context.Context
}

func (l *slowListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &slowConn{Conn: conn, from: l}, err
}

type slowConn struct {
	net.Conn
	from *slowListener
	read int
}

func (c *slowConn) Read(p []byte) (int, error) {
	if c.read > c.from.after {
		c.from.reached()
		<-c.from.ctx.Done()
	}
	n, err := c.Conn.Read(p)
	c.read += n
	return n, err
}

func TestAServerThatStaysSilentAfterTheTextLeavesTheFateUnknownWhenTheTimeIsUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	silent := make(chan struct{})
	t.Cleanup(func() { close(silent) })
	office := &postOffice{atData: func(net.Conn, string, error) error {
		cancel()
		<-silent
		return errors.New("too late")
	}}
	_, err := mailer(t, office.open(t)).Send(ctx, letter(contact.Email, "chen@example.org"))
	failed := failure(t, err)
	require.Equal(t, channel.Unknown, failed.Fate)
	require.Equal(t, "smtp_no_answer", failed.Code)
}

func TestNoHeaderCanBeSmuggledIntoAMail(t *testing.T) {
	t.Parallel()
	office := &postOffice{}
	mailer := mailer(t, office.open(t))
	for _, to := range []string{
		"chen@example.org\r\nBcc: eve@example.net", "\"chen\r\nBcc: eve\"@example.org", "chen@example.org, eve@example.net",
		"Chen <chen@example.org>", "chen", "",
	} {
		_, err := mailer.Send(t.Context(), letter(contact.Email, to))
		failed := failure(t, err)
		require.Equal(t, channel.Failure{Fate: channel.Refused, Code: "smtp_bad_address", Permanent: true, Unusable: true}, failed)
	}
	m := letter(contact.Email, "chen@example.org")
	m.Subject = "Hello\r\nBcc: eve@example.net"
	_, err := mailer.Send(t.Context(), m)
	require.Equal(t, channel.Failure{Fate: channel.Refused, Code: "smtp_bad_subject", Permanent: true}, failure(t, err))
	require.Empty(t, office.mails())
}

func TestAMailLeavesEncryptedAndLoggedInOrNotAtAll(t *testing.T) {
	t.Parallel()
	certified := httptest.NewTLSServer(nil)
	certified.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	secured := &tls.Config{Certificates: certified.TLS.Certificates}
	startTLS := func(s *smtp.Server, l net.Listener) net.Listener { s.TLSConfig = secured; return l }
	fromFirstByte := func(_ *smtp.Server, l net.Listener) net.Listener { return tls.NewListener(l, secured) }
	plain := func(_ *smtp.Server, l net.Listener) net.Listener { return l }
	for _, c := range []struct {
		name     string
		server   func(*smtp.Server, net.Listener) net.Listener
		policy   string
		password string
		trusted  bool
		code     string
	}{
		{"STARTTLS, by default", startTLS, "", "secret", true, ""},
		{"STARTTLS where offered", startTLS, "opportunistic", "secret", true, ""},
		{"TLS from the first byte", fromFirstByte, "implicit", "secret", true, ""},
		{"a wrong password", startTLS, "mandatory", "guess", true, "smtp_535"},
		{"a certificate of a stranger", startTLS, "mandatory", "secret", false, "smtp_session"},
		{"a server without STARTTLS", plain, "mandatory", "secret", true, "smtp_session"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			office := &postOffice{}
			mailer := mailer(t, office.open(t, c.server), "TENDER_SMTP_TLS", c.policy,
				"TENDER_SMTP_USER", "tender", "TENDER_SMTP_PASSWORD", c.password)
			if c.trusted {
				channel.Trust(mailer, roots)
			}
			_, err := mailer.Send(t.Context(), letter(contact.Email, "chen@example.org"))
			if c.code == "" {
				require.NoError(t, err)
				require.Len(t, office.mails(), 1)
				return
			}
			failed := failure(t, err)
			require.Equal(t, channel.Unreached, failed.Fate, failed.Detail)
			require.Equal(t, c.code, failed.Code)
			require.NotContains(t, failed.Detail, c.password)
			require.Empty(t, office.mails())
		})
	}
}

func TestAMailThatIsOutOfTimeBeforeItBeginsReachesNobody(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	_, err := mailer(t, (&postOffice{}).open(t)).Send(ctx, letter(contact.Email, "chen@example.org"))
	require.Equal(t, channel.Unreached, failure(t, err).Fate)
}

// body returns a mail's text as its reader sees it.
func body(t *testing.T, m *mail.Message) string {
	t.Helper()
	require.Equal(t, "quoted-printable", m.Header.Get("Content-Transfer-Encoding"))
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	require.NoError(t, err)
	return string(text)
}
