package gateway

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
)

// skeleton is the description of the interface but for what the vocabulary says: the events and the words.
//
//go:embed openapi.json
var skeleton []byte

type object = map[string]any

// document is the whole description.
var document = sync.OnceValue(func() object {
	var doc object
	if err := json.Unmarshal(skeleton, &doc); err != nil {
		panic(err) // the file is part of the program; a test reads it
	}
	schemas := doc["components"].(object)["schemas"].(object)
	schemas["Stage"] = object{"type": "string", "enum": journey.Stages}
	schemas["Loan"] = schemaOf(reflect.TypeFor[report.Loan]())
	schemas["Hold"] = schemaOf(reflect.TypeFor[report.Hold]())
	schemas["Entry"] = schemaOf(reflect.TypeFor[report.Entry]())
	application := schemaOf(reflect.TypeFor[report.Application]())
	application["properties"].(object)["terms"] = formSchema(event.Field{Form: event.Object, Fields: event.ApplicationPreapproved.Fields()})
	schemas["Application"] = application
	schemas["ComplaintKind"] = object{"type": "string", "enum": complaint.Kinds}
	schemas["ComplaintLevel"] = object{"type": "string", "enum": complaint.Levels}
	schemas["Complaint"] = schemaOf(reflect.TypeFor[report.Complaint]())
	schemas["ComplaintFile"] = schemaOf(reflect.TypeFor[report.ComplaintFile]())
	var refs []any
	mapping := object{}
	for _, kind := range event.Types() {
		name := schemaName(kind)
		ref := "#/components/schemas/" + name
		schemas[name] = eventSchema(kind)
		refs, mapping[string(kind)] = append(refs, object{"$ref": ref}), ref
	}
	schemas["Event"] = object{"oneOf": refs, "discriminator": object{"propertyName": "type", "mapping": mapping}}
	return doc
})

// describe serves the description.
func describe(w http.ResponseWriter, _ *http.Request) error {
	return write(w, http.StatusOK, "application/json", document())
}

// schemaName makes LoanDisbursed of loan.disbursed.
func schemaName(kind event.Type) string {
	var name strings.Builder
	for part := range strings.FieldsFuncSeq(string(kind), func(r rune) bool { return r == '.' || r == '_' }) {
		name.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return name.String()
}

func eventSchema(kind event.Type) object {
	required := []string{"specversion", "source", "id", "type"}
	properties := object{
		"specversion":     object{"const": "1.0"},
		"source":          object{"type": "string", "maxLength": 128, "description": "the sending system, such as /lending/core"},
		"id":              object{"$ref": "#/components/schemas/Id"},
		"type":            object{"const": kind},
		"time":            object{"type": "string", "format": "date-time", "description": "when it happened, in business time; when it was received if left out"},
		"datacontenttype": object{"type": "string"},
		"data":            formSchema(event.Field{Form: event.Object, Fields: kind.Fields()}),
	}
	var about []string
	for _, s := range kind.Subjects() {
		if s != event.NoSubject {
			about = append(about, string(s))
		}
	}
	if len(about) > 0 {
		properties["subject"] = object{"type": "string", "pattern": "^(" + strings.Join(about, "|") + ")/[._-]{0,63}[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}
		required = append(required, "subject")
	}
	if len(properties["data"].(object)["required"].([]string)) > 0 {
		required = append(required, "data")
	}
	return object{"type": "object", "description": kind.Summary(), "properties": properties, "required": required}
}

func formSchema(f event.Field) object {
	schema := object{}
	switch f.Form {
	case event.Text, event.Period:
		schema["type"] = "string"
	case event.Word:
		schema["type"], schema["enum"] = "string", f.Words
	case event.Number:
		schema["type"] = "integer"
	case event.YesNo:
		schema["type"] = "boolean"
	case event.Amount:
		schema["type"], schema["examples"] = []string{"string", "number"}, []string{"125.00"}
	case event.Date:
		schema["type"], schema["format"] = "string", "date"
	case event.Instant:
		schema["type"], schema["format"] = "string", "date-time"
	case event.List:
		schema["type"], schema["items"] = "array", formSchema(f.Fields[0])
	case event.Object:
		properties, required := object{}, []string{}
		for _, part := range f.Fields {
			properties[part.Name] = formSchema(part)
			if part.Required {
				required = append(required, part.Name)
			}
		}
		schema["type"], schema["properties"], schema["required"], schema["additionalProperties"] = "object", properties, required, false
	}
	if f.Doc != "" {
		schema["description"] = f.Doc
	}
	if f.Personal {
		schema["x-personal"] = true
	}
	return schema
}

// schemaOf describes what Go writes for a type of package report.
func schemaOf(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[bizclock.Date]():
		return object{"type": "string", "format": "date"}
	case t == reflect.TypeFor[journey.Stage]():
		return object{"$ref": "#/components/schemas/Stage"}
	case t == reflect.TypeFor[complaint.Level]():
		return object{"$ref": "#/components/schemas/ComplaintLevel"}
	case t == reflect.TypeFor[decimal.Decimal]():
		return object{"type": "string", "examples": []string{"125.00"}}
	case t == reflect.TypeFor[json.RawMessage]():
		return object{}
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Slice:
		return object{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Struct:
		properties, required := object{}, []string{}
		for _, field := range reflect.VisibleFields(t) {
			name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			if field.Anonymous || !field.IsExported() {
				continue
			}
			properties[name] = schemaOf(field.Type)
			if !strings.Contains(options, "omit") {
				required = append(required, name)
			}
		}
		return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	}
	return object{"type": "string"}
}
