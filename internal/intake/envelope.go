package intake

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"slices"
	"strings"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
)

// incoming is an event that is well-formed.
type incoming struct {
	source, id string
	kind       event.Type
	about      event.Subject
	// subject is the id of the loan, borrower or application, or the code of the region in small letters.
	subject string
	// at is when it happened, in business time; zero when the sender did not say.
	at      time.Time
	payload event.Payload
	// data is the payload as it came, personal fields included, in canonical form.
	data   json.RawMessage
	digest []byte
	// classified is what the classifier said of it; nil when nobody was asked.
	classified *classified
}

// Parse reads one CloudEvent from JSON. Its errors are of type [*event.Error] and repeat nothing of what they refuse.
func Parse(text []byte) (cloudevents.Event, error) {
	e := cloudevents.New()
	if err := checkJSON(text); err != nil {
		return e, err
	}
	if err := checkWriting(text); err != nil {
		return e, err
	}
	attributes := map[string]json.RawMessage{}
	if json.Unmarshal(text, &attributes) != nil {
		return e, wrong("event", "must be a JSON object: one CloudEvent")
	}
	for _, name := range []string{"specversion", "source", "id", "type", "subject", "time", "datacontenttype", "dataschema"} {
		raw, there := attributes[name]
		var value string
		switch {
		case !there && slices.Contains([]string{"specversion", "source", "id", "type"}, name):
			return e, wrong(name, "is missing")
		case there && json.Unmarshal(raw, &value) != nil:
			return e, wrong(name, "must be a string")
		case there && name == "specversion" && value != "1.0":
			return e, wrong(name, "must be 1.0")
		case there && name == "time" && !isTime(value):
			return e, wrong(name, "must be an RFC 3339 time, such as 2026-01-31T09:00:00Z")
		case name == "source" && checkSource(value) != nil:
			return e, checkSource(value)
		case there && name == "datacontenttype" && checkMedia(value) != nil:
			return e, checkMedia(value)
		}
	}
	if _, there := attributes["data_base64"]; there {
		return e, wrong("data_base64", "is not taken; send data as a JSON object")
	}
	// The library's own errors quote the text around the fault.
	if err := json.Unmarshal(text, &e); err != nil {
		return e, wrong("event", "is no CloudEvent 1.0: look at its source, its dataschema and its extension attributes")
	}
	return e, nil
}

// ParseBatch reads a JSON array of CloudEvents; the errors of single ones stand beside them.
func ParseBatch(text []byte) ([]json.RawMessage, error) {
	if err := checkJSON(text); err != nil {
		return nil, err
	}
	var batch []json.RawMessage
	if err := json.Unmarshal(text, &batch); err != nil {
		return nil, wrong("events", "must be a JSON array of CloudEvents")
	}
	return batch, nil
}

func checkJSON(text []byte) error {
	var any json.RawMessage
	err := json.Unmarshal(text, &any)
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case len(bytes.TrimSpace(text)) == 0:
		return wrong("event", "is missing; send a CloudEvent as JSON")
	case errors.As(err, &syntax):
		return wrong("event", "is not JSON at byte %d", syntax.Offset)
	}
	return wrong("event", "is not JSON")
}

func isTime(text string) bool {
	_, err := time.Parse(time.RFC3339Nano, text)
	return err == nil
}

// read checks an envelope and its payload, as far as that is possible without looking anything up.
func read(e cloudevents.Event) (in incoming, err error) {
	if err := checkEnvelope(e); err != nil {
		return in, err
	}
	in = incoming{source: e.Source(), id: e.ID(), at: e.Time().UTC().Truncate(time.Microsecond)}
	if in.kind, err = event.ParseType(e.Type()); err != nil {
		return in, wrong("type", "%v", err)
	}
	if in.about, in.subject, err = readSubject(in.kind, e.Subject()); err != nil {
		return in, err
	}
	if in.data, err = canonical(e.Data()); err != nil {
		return in, err
	}
	if in.payload, err = event.Decode(in.kind, in.data); err != nil {
		return in, err
	}
	in.digest = digest(e, in)
	if p, ok := in.payload.(*event.Borrower); ok && p.ID != "" && p.ID != in.subject {
		return in, wrong("data.id", "is %s, but the subject is borrower/%s", p.ID, in.subject)
	}
	return in, nil
}

func checkEnvelope(e cloudevents.Event) error {
	if e.SpecVersion() != cloudevents.CloudEventsVersionV1 {
		return wrong("specversion", "must be 1.0")
	}
	if err := checkSource(e.Source()); err != nil {
		return err
	}
	if err := event.CheckID(e.ID()); err != nil {
		return wrong("id", "%v", err)
	}
	if err := checkMedia(e.DataContentType()); err != nil {
		return err
	}
	if e.DataBase64 {
		return wrong("data_base64", "is not taken; send data as a JSON object")
	}
	var invalid cloudevents.ValidationError
	if errors.As(e.Validate(), &invalid) { // whose texts may quote
		names := make([]string, 0, len(invalid))
		for name := range invalid {
			names = append(names, name)
		}
		return wrong(slices.Min(names), "is not as CloudEvents 1.0 asks")
	}
	return nil
}

func checkMedia(text string) error {
	media, _, err := mime.ParseMediaType(text)
	if text != "" && (err != nil || media != "application/json" && !strings.HasSuffix(media, "+json")) {
		return wrong("datacontenttype", "must be application/json")
	}
	return nil
}

// maxSource bounds the name of a source, in bytes.
const maxSource = 128

// checkSource refuses a source that may name a person: it travels with the event.
func checkSource(source string) error {
	if source == "" {
		return wrong("source", "is missing; name the sending system, such as /lending/core")
	}
	if len(source) > maxSource || strings.ContainsAny(source, "@%") || strings.ContainsFunc(source, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return wrong("source", "must name a system, such as /lending/core, in at most %d plain characters without @ or %%", maxSource)
	}
	for part := range strings.FieldsFuncSeq(source, func(r rune) bool { return strings.ContainsRune("/:?#&=;,", r) }) {
		if event.LooksLikePhone(part) {
			return wrong("source", "looks like a phone number; name the sending system, such as /lending/core")
		}
	}
	return nil
}

// readSubject splits a subject such as loan/L-1001.
func readSubject(kind event.Type, text string) (event.Subject, string, error) {
	about, id, _ := strings.Cut(text, "/")
	allowed := kind.Subjects()
	if slices.Contains(allowed, event.NoSubject) {
		if text != "" {
			return "", "", wrong("subject", "must be left out: %s is about its whole source", kind)
		}
		return event.NoSubject, "", nil
	}
	if !slices.Contains(allowed, event.Subject(about)) || id == "" {
		examples := make([]string, len(allowed))
		for n, s := range allowed {
			examples[n] = string(s) + "/<id>"
		}
		return "", "", wrong("subject", "must be %s for %s", strings.Join(examples, " or "), kind)
	}
	if err := event.CheckID(id); err != nil {
		return "", "", wrong("subject", "%v", err)
	}
	if event.Subject(about) == event.RegionSubject {
		id = strings.ToLower(id) // a jurisdiction's code is one in whichever letters
	}
	return event.Subject(about), id, nil
}

// canonical writes JSON with sorted keys and without what Postgres cannot store. No data at all is an empty object.
func canonical(data []byte) (json.RawMessage, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		data = []byte("{}")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // amounts keep the digits they came with
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, wrong("data", "is not JSON")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, wrong("data", "holds more than one value")
	}
	if _, object := value.(map[string]any); !object {
		return nil, wrong("data", "must be a JSON object")
	}
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, wrong("data", "is not JSON")
	}
	if bytes.Contains(written.Bytes(), []byte(`\u0000`)) {
		return nil, wrong("data", "holds the character U+0000, which cannot be stored")
	}
	return bytes.TrimSpace(written.Bytes()), nil
}

// digest sums up the content of an event: what a repeat under the same identity must have in common with it, however it
// is written.
func digest(e cloudevents.Event, in incoming) []byte {
	at := ""
	if !e.Time().IsZero() {
		at = e.Time().UTC().Format(time.RFC3339Nano)
	}
	data, err := event.Canonical(in.kind, in.data)
	if err != nil {
		panic(err) // it was read just now
	}
	content, err := json.Marshal([]any{in.kind, e.Subject(), at, data})
	if err != nil {
		panic(err) // strings and JSON that was just written
	}
	sum := sha256.Sum256(content)
	return sum[:]
}

// drift is how far the clocks of senders may run ahead, wall time.
const drift = 5 * time.Minute

// checkTime refuses an event from the future, which nobody can know yet, and one from before anything that can be meant.
func checkTime(clock bizclock.Clock, at, now time.Time) error {
	ahead := drift
	if !clock.IsReal() { // there five minutes on the wall may be months
		ahead = 24 * time.Hour
	}
	if at.After(now.Add(ahead)) {
		return wrong("time", "lies in the future: it is %s now, in business time", now.Format(time.RFC3339))
	}
	if !at.IsZero() && at.Before(earliest) {
		return wrong("time", "lies before %d; send when it happened", earliest.Year())
	}
	return nil
}

// earliest is before anything that anybody tells Tender of.
var earliest = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)

func wrong(field, format string, args ...any) error {
	return &event.Error{Field: field, Reason: fmt.Sprintf(format, args...)}
}
