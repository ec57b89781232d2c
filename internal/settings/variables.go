package settings

import (
	"fmt"
	"slices"
	"strings"
)

// Variable is one environment variable that Tender, or a library that it hands its environment to, understands.
type Variable struct {
	Name string
	// Group is the heading under which it is documented.
	Group string
	// Doc says what it is for, in one sentence without a full stop, with a unit where it has one.
	Doc string
	// Default is what holds when it is empty; none means what Doc says.
	Default string
	// Flag is the flag of the command line that sets it; none for what is rarely changed, and for every secret.
	Flag string
	// Secret marks what must not be shown.
	Secret bool
}

// The groups.
const (
	groupTemporal = "Temporal"
	groupPostgres = "Postgres"
	groupGateway  = "Gateway"
	groupLending  = "Lending system"
	groupPolicy   = "Policy"
	groupChannels = "Channels"
	groupMachine  = "One machine"
)

// Variables are all variables. Those of Temporal and of Postgres have the names and the meaning that their own tools give
// them; the list of Postgres' is not complete: whatever libpq knows and pgx understands is understood.
var Variables = []Variable{
	{Name: "TEMPORAL_ADDRESS", Group: groupTemporal, Default: "127.0.0.1:7233", Flag: "temporal-address", Doc: "host and port of Temporal's frontend"},
	{Name: "TEMPORAL_NAMESPACE", Group: groupTemporal, Default: "default", Flag: "temporal-namespace", Doc: "namespace of the journeys"},
	{Name: "TEMPORAL_PROFILE", Group: groupTemporal, Default: "default", Flag: "profile", Doc: "profile of the configuration file; the variables override what it says"},
	{Name: "TEMPORAL_CONFIG_FILE", Group: groupTemporal, Doc: "configuration file with profiles; `temporalio/temporal.toml` in the user's configuration folder when empty"},
	{Name: "TEMPORAL_API_KEY", Group: groupTemporal, Secret: true, Doc: "API key, for Temporal Cloud; turns TLS on"},
	{Name: "TEMPORAL_TLS", Group: groupTemporal, Doc: "`true` or `false`: whether to speak TLS"},
	{Name: "TEMPORAL_TLS_CLIENT_CERT_PATH", Group: groupTemporal, Doc: "file with the client certificate"},
	{Name: "TEMPORAL_TLS_CLIENT_CERT_DATA", Group: groupTemporal, Doc: "the client certificate itself, in PEM"},
	{Name: "TEMPORAL_TLS_CLIENT_KEY_PATH", Group: groupTemporal, Doc: "file with the client key"},
	{Name: "TEMPORAL_TLS_CLIENT_KEY_DATA", Group: groupTemporal, Secret: true, Doc: "the client key itself, in PEM"},
	{Name: "TEMPORAL_TLS_SERVER_CA_CERT_PATH", Group: groupTemporal, Doc: "file with the authority that signed the server's certificate"},
	{Name: "TEMPORAL_TLS_SERVER_CA_CERT_DATA", Group: groupTemporal, Doc: "that authority itself, in PEM"},
	{Name: "TEMPORAL_TLS_SERVER_NAME", Group: groupTemporal, Doc: "name that the server's certificate must bear, if not that of the address"},
	{Name: "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", Group: groupTemporal, Doc: "`true` trusts any certificate; for trials only"},
	{Name: "TEMPORAL_CLIENT_AUTHORITY", Group: groupTemporal, Doc: "value of the :authority header"},
	{Name: "TEMPORAL_CODEC_ENDPOINT", Group: groupTemporal, Doc: "read, and not used: Tender's payloads hold no personal data, so they need no codec"},
	{Name: "TEMPORAL_CODEC_AUTH", Group: groupTemporal, Secret: true, Doc: "read, and not used"},

	{Name: "DATABASE_URL", Group: groupPostgres, Secret: true, Doc: "URL of the database, such as postgres://tender@db.example.com/tender; the variables below when empty"},
	{Name: "PGHOST", Group: groupPostgres, Doc: "host, or folder of the socket"},
	{Name: "PGPORT", Group: groupPostgres, Default: "5432", Doc: "port"},
	{Name: "PGDATABASE", Group: groupPostgres, Doc: "database; named as the user when empty"},
	{Name: "PGUSER", Group: groupPostgres, Doc: "user; the user of the operating system when empty"},
	{Name: "PGPASSWORD", Group: groupPostgres, Secret: true, Doc: "password"},
	{Name: "PGPASSFILE", Group: groupPostgres, Default: "~/.pgpass", Doc: "file with passwords"},
	{Name: "PGSERVICE", Group: groupPostgres, Doc: "name of a service in PGSERVICEFILE"},
	{Name: "PGSSLMODE", Group: groupPostgres, Default: "prefer", Doc: "disable, allow, prefer, require, verify-ca or verify-full"},
	{Name: "PGSSLROOTCERT", Group: groupPostgres, Doc: "file with the authority that signed the server's certificate"},

	{Name: "TENDER_LISTEN", Group: groupGateway, Default: "127.0.0.1:8080", Flag: "listen", Doc: "host and port on which the gateway listens; anything but loopback needs TENDER_API_KEY"},
	{Name: "TENDER_API_KEY", Group: groupGateway, Secret: true, Doc: "key that callers of the gateway send as `Authorization: Bearer`"},

	{Name: "TENDER_LENDER_URL", Group: groupLending, Doc: "web address that takes what the lending system is told; when empty, notices are kept in Postgres for it to fetch, and told once this is set"},
	{Name: "TENDER_LENDER_NAME", Group: groupLending, Default: "your lender", Doc: "name by which borrowers know the lender; `tender message lint` says which messages it makes too long as an SMS"},
	{Name: "TENDER_HELP", Group: groupLending, Doc: "how a borrower reaches a person, such as `call us on +1 555 010 0199, 9 to 5`; when empty, messages ask for a reply, or to be written to in the app"},

	{Name: "TENDER_RULEBOOKS", Group: groupPolicy, Doc: "folder of rulebooks (`*.yaml`); one with the name of a rulebook that comes with Tender takes its place"},
	{Name: "TENDER_PRODUCTS", Group: groupPolicy, Doc: "folder of plans in hardship (`*.yaml`), beside those that come with Tender"},
	{Name: "TENDER_MESSAGES", Group: groupPolicy, Doc: "folder of messages (`*.yaml`), a file for each language, which takes the place of the one that comes with Tender"},
	{Name: "TENDER_STRATEGIES", Group: groupPolicy, Doc: "folder of strategies (`*.yaml`), beside those that come with Tender"},
	{Name: "TENDER_STRATEGY", Group: groupPolicy, Default: "gentle-installment", Doc: "strategy of loans whose disbursement names none"},
	{Name: "TENDER_PARTY", Group: groupPolicy, Doc: "whose loans are collected: `first_party`, `third_party` or `debt_buyer`; rules for all of them bind when empty"},

	{Name: "TENDER_CLASSIFIER_URL", Group: groupPolicy, Doc: "web address of a service that understands replies in place of the rules, which decide when it fails; docs/replies.md has the contract"},
	{Name: "TENDER_CLASSIFIER_TOKEN", Group: groupPolicy, Secret: true, Doc: "bearer token that each question to it carries"},
	{Name: "TENDER_CLASSIFIER_TIMEOUT", Group: groupPolicy, Default: "2s", Doc: "how long it may take to answer, 10s at most"},

	{Name: "TENDER_CHANNELS", Group: groupChannels, Doc: "which adapter serves which channel, such as `email=smtp,sms=twilio,push=webhook`; the outbox serves every channel when empty"},
	{Name: "TENDER_RATES", Group: groupChannels, Doc: "most messages a second on a channel by all workers together, such as `sms=5,email=20`; no limit for a channel that is not named"},
	{Name: "TENDER_OUTBOX_SHOW", Group: groupChannels, Doc: "`1` writes whole messages, which are personal, to the worker's console"},
	{Name: "TENDER_SMTP_ADDRESS", Group: groupChannels, Doc: "host and port of the mail server, such as mail.example.com:587"},
	{Name: "TENDER_SMTP_FROM", Group: groupChannels, Doc: "sender, such as `Example Bank <care@example.com>`"},
	{Name: "TENDER_SMTP_USER", Group: groupChannels, Doc: "user of the mail server; no login when empty"},
	{Name: "TENDER_SMTP_PASSWORD", Group: groupChannels, Secret: true, Doc: "password of the mail server"},
	{Name: "TENDER_SMTP_TLS", Group: groupChannels, Default: "mandatory", Doc: "`mandatory` (STARTTLS or nothing), `opportunistic`, `implicit` (as on port 465) or `none`"},
	{Name: "TENDER_TWILIO_ACCOUNT", Group: groupChannels, Doc: "Twilio's account SID"},
	{Name: "TENDER_TWILIO_TOKEN", Group: groupChannels, Secret: true, Doc: "Twilio's auth token"},
	{Name: "TENDER_TWILIO_FROM", Group: groupChannels, Doc: "sender: a number in E.164, or the SID of a messaging service"},
	{Name: "TENDER_TWILIO_BASE_URL", Group: groupChannels, Doc: "another address of Twilio's API, for trials"},
	{Name: "TENDER_TWILIO_CALLBACK_URL", Group: groupChannels, Doc: "where Twilio reports what became of a message: the gateway's `/v1/callbacks/twilio`, at the address by which Twilio reaches it"},
	{Name: "TENDER_WEBHOOK_URL", Group: groupChannels, Doc: "web address of the lender's own service that takes messages; docs of the contract: `internal/channel/webhook.go`"},
	{Name: "TENDER_WEBHOOK_TOKEN", Group: groupChannels, Secret: true, Doc: "bearer token that each request carries"},
	{Name: "TENDER_WEBHOOK_SECRET", Group: groupChannels, Secret: true, Doc: "secret that signs each request as Standard Webhooks says: `whsec_` and a key in base64"},

	{Name: "TENDER_DIR", Group: groupMachine, Default: ".dev/data", Flag: "dir", Doc: "folder in which `tender dev` keeps its data; other commands find a stack that runs there"},
	{Name: "TENDER_LOG", Group: groupMachine, Default: "info", Doc: "least level that is logged: debug, info, warn or error"},
	{Name: "TEMPORAL_CLI_PATH", Group: groupMachine, Doc: "the Temporal CLI that `tender dev` starts; one is looked for, and built in the source tree, when empty"},
	{Name: "NO_COLOR", Group: groupMachine, Doc: "set to anything turns colours off"},
}

// Find returns the variable with a name.
func Find(name string) (Variable, bool) {
	n := slices.IndexFunc(Variables, func(v Variable) bool { return v.Name == name })
	if n < 0 {
		return Variable{}, false
	}
	return Variables[n], true
}

func fallback(name string) string {
	v, _ := Find(name)
	return v.Default
}

// Document returns docs/settings.md.
func Document() string {
	var text strings.Builder
	text.WriteString("# Settings\n\nMade from `internal/settings/variables.go`; `go test ./internal/settings -update` makes it again.\n\n" +
		"Every setting is an environment variable; some have a flag too, which wins. What is empty has its default.\n" +
		"While `tender dev` runs, and nothing else says where Temporal and Postgres are, commands find its stack by themselves.\n")
	group := ""
	for _, v := range Variables {
		if v.Group != group {
			group = v.Group
			fmt.Fprintf(&text, "\n## %s\n\n| variable | flag | default | meaning |\n|---|---|---|---|\n", group)
		}
		flag, standard, doc := "", "", v.Doc
		if v.Flag != "" {
			flag = "`--" + v.Flag + "`"
		}
		if v.Default != "" {
			standard = "`" + v.Default + "`"
		}
		if v.Secret {
			doc += " (secret)"
		}
		fmt.Fprintf(&text, "| `%s` | %s | %s | %s |\n", v.Name, flag, standard, doc)
	}
	return text.String()
}
