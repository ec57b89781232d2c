package strategy_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/strategy"
)

// The schema is made of the types that read a strategy, with what is written about them, so that editors say what Tender does.
func TestTheSchemaIsThatOfTheTypes(t *testing.T) {
	t.Parallel()
	r := &jsonschema.Reflector{FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, ExpandedStruct: true, Mapper: words}
	require.NoError(t, r.AddGoComments("github.com/tender-engine/tender/internal/strategy", "./", jsonschema.WithFullComment()))
	schema := r.Reflect(&strategy.Strategy{})
	schema.ID, schema.Title = "https://tender-engine.dev/strategy.schema.json", "A strategy of Tender"
	schema.Required = []string{"name", "version", "channels", "welcome", "follow_ups", "ladder", "back_on_track", "stages", "charge_off", "thanks"}
	text, err := json.MarshalIndent(schema, "", "  ")
	require.NoError(t, err)
	text = append(text, '\n')
	if *update {
		require.NoError(t, os.WriteFile("strategy.schema.json", text, 0o644))
	} else {
		require.True(t, string(text) == string(strategy.Schema()), "run go test ./internal/strategy -update")
	}

	// What every shipped strategy says stands in it.
	var read map[string]any
	require.NoError(t, json.Unmarshal(text, &read))
	for _, s := range shipped() {
		var said map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(s.Text), &said))
		for field := range said {
			require.Contains(t, read["properties"], field)
		}
	}
}

// words makes enumerations of closed sets.
func words(t reflect.Type) *jsonschema.Schema {
	enum := func(all ...any) *jsonschema.Schema { return &jsonschema.Schema{Type: "string", Enum: all} }
	switch t {
	case reflect.TypeFor[contact.Channel]():
		return enum(some(contact.Channels)...)
	case reflect.TypeFor[contact.HoldKind]():
		return enum(some(contact.HoldKinds)...)
	case reflect.TypeFor[message.Tone]():
		return enum(some(message.Tones)...)
	case reflect.TypeFor[strategy.Deed]():
		return enum(some(strategy.Deeds)...)
	case reflect.TypeFor[strategy.CatchUp]():
		return enum(some(strategy.CatchUps)...)
	case reflect.TypeFor[strategy.Agent]():
		return enum(some(strategy.Agents)...)
	}
	return nil
}

func some[T ~string](all []T) (any []any) {
	for _, word := range all {
		any = append(any, string(word))
	}
	return any
}
