package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// Payload is the data of an event. Fields tagged `personal` are split off before anything leaves Postgres; the tag
// `doc` is the field's documentation.
type Payload interface {
	// Validate refuses a payload that cannot be true, naming the field.
	Validate() error
}

// of returns a new payload of a type.
func of[P any, _ interface {
	*P
	Payload
}]() Payload {
	return any(new(P)).(Payload)
}

// Decode reads and validates the payload of a type of event. Its errors are of type [*Error], name the field below
// data, and repeat no value that may be personal.
func Decode(t Type, data []byte) (Payload, error) {
	k, ok := find(t)
	if !ok {
		_, err := ParseType(string(t))
		return nil, wrong("type", "%v", err)
	}
	if !json.Valid(data) {
		return nil, wrong("data", "is not JSON")
	}
	payload := k.payload()
	if err := describe("", reflect.TypeOf(payload).Elem()).check("data", data); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, payload); err != nil {
		return nil, wrong("data", "cannot be read as %s", t) // what check does not know
	}
	if err := payload.Validate(); err != nil {
		return nil, under("data", err)
	}
	return payload, nil
}

// Public returns the payload as JSON without its personal fields.
func Public(p Payload) (json.RawMessage, error) {
	original := reflect.ValueOf(p).Elem()
	redacted := reflect.New(original.Type())
	redacted.Elem().Set(original)
	redact(redacted.Elem())
	return json.Marshal(redacted.Interface())
}

// redact empties the personal fields of a struct; what pointers and slices on the way lead to is copied, so that the original keeps
// its own.
func redact(v reflect.Value) {
	for n := range v.NumField() {
		field, kind := v.Field(n), v.Type().Field(n)
		switch {
		case kind.Tag.Get("personal") == "true":
			field.SetZero()
		case field.Kind() == reflect.Struct && kind.Type.PkgPath() == v.Type().PkgPath():
			redact(field)
		case field.Kind() == reflect.Pointer && !field.IsNil() && field.Type().Elem().Kind() == reflect.Struct && field.Type().Elem().PkgPath() == v.Type().PkgPath():
			copied := reflect.New(field.Type().Elem())
			copied.Elem().Set(field.Elem())
			redact(copied.Elem())
			field.Set(copied)
		case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Struct && field.Type().Elem().PkgPath() == v.Type().PkgPath():
			copied := reflect.MakeSlice(field.Type(), field.Len(), field.Len())
			reflect.Copy(copied, field)
			for i := range copied.Len() {
				redact(copied.Index(i))
			}
			field.Set(copied)
		}
	}
}

func under(prefix string, err error) error {
	var wrong *Error
	if errors.As(err, &wrong) {
		return &Error{Field: prefix + "." + wrong.Field, Reason: wrong.Reason}
	}
	return err
}

func requiredID(field, id string) error {
	if id == "" {
		return wrong(field, "is missing")
	}
	return optionalID(field, id)
}

func optionalID(field, id string) error {
	if id == "" {
		return nil
	}
	if err := CheckID(id); err != nil {
		return wrong(field, "%v", err)
	}
	return nil
}

func checkZone(name string) error {
	if name == "" {
		return errors.New("is missing; send an IANA time zone such as America/New_York")
	}
	if name == "Local" {
		return errors.New("is no place; send an IANA time zone such as America/New_York")
	}
	if _, err := time.LoadLocation(name); err != nil {
		return fmt.Errorf("%q is no IANA time zone such as America/New_York", name)
	}
	return nil
}
