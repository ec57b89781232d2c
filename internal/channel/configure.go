package channel

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
)

// EnvChannels is the variable that says which adapter serves which channel.
const EnvChannels = "TENDER_CHANNELS"

// Written are the channels that adapters can serve. Calls and visits are made by people.
var Written = []contact.Channel{contact.SMS, contact.Email, contact.Push, contact.Chat, contact.Letter}

// makers are the adapters that can be chosen, with the channels they can serve.
var makers = map[string]struct {
	serves []contact.Channel
	make   func(env func(string) string) (Adapter, error)
}{
	"smtp":    {[]contact.Channel{contact.Email}, newSMTP},
	"twilio":  {[]contact.Channel{contact.SMS}, newTwilio},
	"webhook": {Written, newWebhook},
}

// Configure reads which adapter serves which channel from TENDER_CHANNELS, such as "email=smtp,sms=twilio,push=webhook",
// and each adapter's settings from variables of its own; env returns the value of a variable, as [os.Getenv] does. When
// TENDER_CHANNELS is empty the outbox serves every channel. When it is not, a channel that it does not name is not
// served: a message must not count as sent because it lies in an outbox that nobody meant. Errors name the variable and
// what to do, and repeat no secret.
func Configure(env func(string) string, outbox Adapter) (Set, error) {
	set := Set{}
	choice := strings.TrimSpace(env(EnvChannels))
	if choice == "" {
		for _, c := range Written {
			set[c] = outbox
		}
		return set, nil
	}
	made := map[string]Adapter{outbox.Name(): outbox}
	for pair := range strings.SplitSeq(choice, ",") {
		word, name, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok {
			return nil, fmt.Errorf("%s: %q is no pair; write channel=adapter, such as email=smtp", EnvChannels, pair)
		}
		c, err := closed.Parse("channel", Written, word)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", EnvChannels, err)
		}
		if _, twice := set[c]; twice {
			return nil, fmt.Errorf("%s: %s is named twice; name it once", EnvChannels, c)
		}
		if set[c], err = adapter(made, env, c, name); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// adapter returns the adapter with a name, which is made when it is first asked for.
func adapter(made map[string]Adapter, env func(string) string, c contact.Channel, name string) (Adapter, error) {
	if name == "outbox" {
		return made[name], nil
	}
	maker, known := makers[name]
	if !known {
		return nil, fmt.Errorf("%s: unknown adapter %q for %s; use one of %s", EnvChannels, name, c, strings.Join(names(c), ", "))
	}
	if !slices.Contains(maker.serves, c) {
		return nil, fmt.Errorf("%s: %s cannot serve %s; use one of %s", EnvChannels, name, c, strings.Join(names(c), ", "))
	}
	if made[name] == nil {
		a, err := maker.make(env)
		if err != nil {
			return nil, err
		}
		made[name] = a
	}
	return made[name], nil
}

// names lists the adapters that can serve a channel.
func names(c contact.Channel) []string {
	list := []string{"outbox"}
	for name, maker := range makers {
		if slices.Contains(maker.serves, c) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// address reads a variable that holds the address of a server; none when it is empty. What travels there is personal,
// so that it is encrypted unless it stays on this machine.
func address(env func(string) string, name string) (*url.URL, error) {
	if env(name) == "" {
		return nil, nil
	}
	u, err := url.Parse(env(name))
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return nil, fmt.Errorf("%s: is no address of a server; set it to such as https://messages.example.com/v1", name)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("%s: %s is not encrypted; use https, or http on this machine only", name, u.Scheme)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
