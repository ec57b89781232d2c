package event

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/score"
)

// Form is how a field is written in JSON.
type Form string

// The forms.
const (
	Text    Form = "text"
	Number  Form = "number"
	YesNo   Form = "true or false"
	Amount  Form = "amount"
	Date    Form = "date"
	Instant Form = "time"
	Period  Form = "period"
	Word    Form = "word"
	List    Form = "list"
	Object  Form = "object"
)

// Field describes one field of a payload, for the documentation and for what machines read of it.
type Field struct {
	// Name is its name in JSON; empty for what a list consists of.
	Name string
	Form Form
	// Words are the only ones that a field of form Word may hold.
	Words []string
	// Fields are those of an object; one nameless field says what a list consists of.
	Fields []Field
	// Required is set when the field may not be left out.
	Required bool
	// Personal is set when the field is split off and never leaves Postgres.
	Personal bool
	// Doc is what it means.
	Doc string
}

// Fields describes the payload of a type of event.
func (t Type) Fields() []Field {
	k, ok := find(t)
	if !ok {
		return nil
	}
	return describe("", reflect.TypeOf(k.payload()).Elem()).Fields
}

// forms are the types that JSON writes as one value.
var forms = map[reflect.Type]Field{
	reflect.TypeFor[decimal.Decimal]():       {Form: Amount},
	reflect.TypeFor[bizclock.Date]():         {Form: Date},
	reflect.TypeFor[time.Time]():             {Form: Instant},
	reflect.TypeFor[contact.Channel]():       words(contact.Channels),
	reflect.TypeFor[contact.Direction]():     words(contact.Directions),
	reflect.TypeFor[contact.Purpose]():       words(contact.Purposes),
	reflect.TypeFor[contact.Disposition]():   words(contact.Dispositions),
	reflect.TypeFor[contact.HoldKind]():      words(contact.HoldKinds),
	reflect.TypeFor[contact.Recipient]():     words(contact.Recipients),
	reflect.TypeFor[contact.Place]():         words(contact.Places),
	reflect.TypeFor[contact.Grantee]():       words(contact.Grantees),
	reflect.TypeFor[contact.Weekday]():       words(contact.Weekdays),
	reflect.TypeFor[Answer]():                words(Answers),
	reflect.TypeFor[Intent]():                words(Intents),
	reflect.TypeFor[Topic]():                 words(Topics),
	reflect.TypeFor[Refusal]():               words(Refusals),
	reflect.TypeFor[Then]():                  words(Thens),
	reflect.TypeFor[Verified]():              words(Verifieds),
	reflect.TypeFor[complaint.Kind]():        words(complaint.Kinds),
	reflect.TypeFor[complaint.Level]():       words(complaint.Levels),
	reflect.TypeFor[complaint.Outcome]():     words(complaint.Outcomes),
	reflect.TypeFor[complaint.Origin]():      words(complaint.Origins),
	reflect.TypeFor[complaint.Closing]():     words(complaint.Closings),
	reflect.TypeFor[complaint.RedressKind](): words(complaint.RedressKinds),
	reflect.TypeFor[hardship.Cause]():        words(hardship.Causes),
	reflect.TypeFor[score.Band]():            words(score.Bands),
	reflect.TypeFor[hardship.Way]():          words(hardship.Ways),
	reflect.TypeFor[loan.Component]():        words(loan.Components),
	reflect.TypeFor[loan.Way]():              words(loan.Ways),
	reflect.TypeFor[loan.Ahead]():            words(loan.Aheads),
	reflect.TypeFor[loan.Method]():           words(loan.Methods),
	reflect.TypeFor[loan.DayCount]():         words(loan.DayCounts),
	reflect.TypeFor[loan.Accrual]():          words(loan.Accruals),
	reflect.TypeFor[loan.FeeDue]():           words(loan.FeeDues),
	reflect.TypeFor[loan.Rounding]():         words(loan.Roundings),
	reflect.TypeFor[loan.Every]():            {Form: Period},
}

// told documents the fields of types that are at home in other packages.
var told = map[reflect.Type]map[string]string{
	reflect.TypeFor[loan.Installment](): {
		"due":       "due date",
		"principal": "part that repays the principal",
		"interest":  "part that is interest",
		"fee":       "part that is a fee",
	},
	reflect.TypeFor[loan.Money](): {
		"amount":   "amount in the currency's minor units",
		"currency": "ISO 4217 code",
	},
	reflect.TypeFor[loan.PromisedPart](): {
		"amount": "amount promised",
		"by":     "last date on which it is paid in time",
	},
	reflect.TypeFor[loan.Direction](): {
		"installment": "due date of the installment to be paid; any when left out",
		"component":   "component to be paid; all when left out",
	},
	reflect.TypeFor[loan.Order](): {
		"way":        "how a payment goes through what is overdue; by_installment when left out",
		"components": "order of all three components; fee, interest, principal when left out",
	},
	reflect.TypeFor[loan.Allocation](): {
		"ahead": "what is paid ahead first; next when left out",
		"later": "orders that take the place of the first once the loan is so old",
	},
	reflect.TypeFor[loan.LaterOrder](): {
		"from_past_due_days": "past-due days from which the order is used",
	},
	reflect.TypeFor[loan.LateFee](): {
		"amount":     "fee as an amount; exclusive with rate",
		"rate":       "fee as a share of what is overdue: 0.05 is 5 %",
		"of":         "with a rate: principal, or principal and interest when left out",
		"after_days": "days after the due date on which it is charged",
		"cap":        "most that one installment is charged; no limit when left out",
		"cap_in_all": "most that the whole loan is charged; no limit when left out",
	},
}

func words[T ~string](all []T) Field {
	f := Field{Form: Word}
	for _, word := range all {
		f.Words = append(f.Words, string(word))
	}
	return f
}

func describe(name string, t reflect.Type) Field {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if f, ok := forms[t]; ok {
		f.Name = name
		return f
	}
	f := Field{Name: name}
	switch t.Kind() {
	case reflect.Bool:
		f.Form = YesNo
	case reflect.Int:
		f.Form = Number
	case reflect.Slice:
		f.Form, f.Fields = List, []Field{describe("", t.Elem())}
	case reflect.Struct:
		f.Form = Object
		for n := range t.NumField() {
			field := t.Field(n)
			if field.Anonymous {
				f.Fields = append(f.Fields, describe("", field.Type).Fields...)
				continue
			}
			name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			part := describe(name, field.Type)
			part.Required = !strings.Contains(options, "omit")
			part.Personal = field.Tag.Get("personal") == "true"
			if own := field.Tag.Get("words"); own != "" {
				part.Words = strings.Split(own, ",") // of those of its type
			}
			if part.Doc = field.Tag.Get("doc"); part.Doc == "" {
				part.Doc = told[t][name]
			}
			f.Fields = append(f.Fields, part)
		}
	default:
		f.Form = Text
	}
	return f
}

// check finds the field in which JSON is not of the form described, and says what form it should have. It repeats no
// value, for a value in the wrong place may be personal.
func (f Field) check(path string, raw json.RawMessage) error {
	if string(raw) == "null" {
		return nil
	}
	switch f.Form {
	case Object:
		var parts map[string]json.RawMessage
		if json.Unmarshal(raw, &parts) != nil {
			return wrong(path, "must be an object")
		}
		for name, part := range sorted(parts) {
			n := slices.IndexFunc(f.Fields, func(known Field) bool { return known.Name == name })
			if n < 0 {
				return f.unknown(path, name)
			}
			if err := f.Fields[n].check(path+"."+name, part); err != nil {
				return err
			}
		}
	case List:
		var parts []json.RawMessage
		if json.Unmarshal(raw, &parts) != nil {
			return wrong(path, "must be a list")
		}
		for n, part := range parts {
			if err := f.Fields[0].check(fmt.Sprintf("%s[%d]", path, n), part); err != nil {
				return err
			}
		}
	default:
		return f.checkValue(path, raw)
	}
	return nil
}

// plain is how an amount is written: in digits, with a point. 1e3 is more likely a slip than a thousand.
var plain = regexp.MustCompile(`^"?-?[0-9]+(\.[0-9]+)?"?$`)

// earliest is before anything that anybody tells Tender of, latest so early that the instant has a form in text wherever it
// is shown.
var (
	earliest = bizclock.NewDate(1970, 1, 1)
	latest   = bizclock.NewDate(9999, 12, 30)
)

func (f Field) checkValue(path string, raw json.RawMessage) error {
	var (
		text   string
		number int32
		yes    bool
		amount decimal.Decimal
		date   bizclock.Date
		at     time.Time
		period loan.Every
	)
	isText := json.Unmarshal(raw, &text) == nil
	switch {
	case f.Form == Text && !isText:
		return wrong(path, "must be text in quotes")
	case f.Form == Word && !slices.Contains(f.Words, text):
		return wrong(path, "must be one of %s", closed.Join(f.Words))
	case f.Form == Number && json.Unmarshal(raw, &number) != nil:
		return wrong(path, "must be a whole number")
	case f.Form == YesNo && json.Unmarshal(raw, &yes) != nil:
		return wrong(path, "must be true or false")
	case f.Form == Amount && (!plain.Match(raw) || json.Unmarshal(raw, &amount) != nil):
		return wrong(path, `must be an amount, such as "125.00"`)
	case f.Form == Date && (json.Unmarshal(raw, &date) != nil || !date.IsZero() && date.Before(earliest)):
		return wrong(path, "must be a date from 1970 on, such as 2026-01-31")
	case f.Form == Period && json.Unmarshal(raw, &period) != nil:
		return wrong(path, "must be a period, such as 1mo, 2w or 10d")
	case f.Form == Instant && (json.Unmarshal(raw, &at) != nil || !at.IsZero() && at.Before(earliest.In(time.UTC))):
		return wrong(path, "must be an RFC 3339 time from 1970 on, such as 2026-01-31T09:00:00Z")
	case f.Form == Instant && at.After(latest.In(time.UTC)):
		return wrong(path, "lies after %s; leave it out to mean for ever", latest)
	}
	return nil
}

// unknown refuses a field that is not described. Its name is repeated only if it looks like one.
func (f Field) unknown(path, name string) error {
	known := make([]string, len(f.Fields))
	for n, field := range f.Fields {
		known[n] = field.Name
	}
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" || len(name) > 40 {
		return wrong(path, "holds an unknown field; known are %s", closed.Join(known))
	}
	return wrong(path+"."+name, "is an unknown field; known are %s", closed.Join(known))
}

// sorted yields a map in the order of its keys, so that of several errors always the same one is told.
func sorted[V any](m map[string]V) func(func(string, V) bool) {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return func(yield func(string, V) bool) {
		for _, key := range keys {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// Canonical writes the data of an event of a type in the one way in which events that mean the same are alike: keys in
// order, amounts without needless zeros, times in UTC, nothing for null. What it cannot read it leaves as it is.
func Canonical(t Type, data json.RawMessage) (json.RawMessage, error) {
	return json.Marshal(Field{Form: Object, Fields: t.Fields()}.canonical(data))
}

func (f Field) canonical(raw json.RawMessage) any {
	var (
		parts    map[string]json.RawMessage
		elements []json.RawMessage
		amount   decimal.Decimal
		at       time.Time
	)
	switch {
	case f.Form == Object && json.Unmarshal(raw, &parts) == nil:
		all := map[string]any{}
		for _, part := range f.Fields {
			if value, there := parts[part.Name]; there && string(value) != "null" {
				all[part.Name] = part.canonical(value)
			}
		}
		return all
	case f.Form == List && json.Unmarshal(raw, &elements) == nil:
		all := make([]any, len(elements))
		for n, element := range elements {
			all[n] = f.Fields[0].canonical(element)
		}
		return all
	case f.Form == Amount && json.Unmarshal(raw, &amount) == nil:
		return amount.Trim(0).String()
	case f.Form == Instant && json.Unmarshal(raw, &at) == nil:
		return at.UTC().Format(time.RFC3339Nano)
	}
	return raw
}
