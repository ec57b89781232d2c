package strictjson_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/strictjson"
)

type colour string

func (c *colour) UnmarshalText(text []byte) error {
	if *c = colour(text); *c != "red" {
		return errors.New("the only colour is red")
	}
	return nil
}

// stones read themselves, without saying where an error lies.
type stones []int

func (s *stones) UnmarshalJSON(text []byte) error {
	var all []int
	if json.Unmarshal(text, &all) != nil {
		return errors.New("must list weights")
	}
	*s = all
	return nil
}

// door reads itself strictly.
type door struct {
	Paint colour `json:"paint"`
	Hangs []door `json:"hangs,omitempty"`
}

func (d *door) UnmarshalJSON(text []byte) error {
	type plain door
	return strictjson.Decode(text, (*plain)(d))
}

type size struct {
	Width  int             `json:"width,omitempty"`
	Height decimal.Decimal `json:"height,omitzero"`
}

type house struct {
	size
	Name   string   `json:"name"`
	Ready  bool     `json:"ready"`
	Colour colour   `json:"colour"`
	Stones stones   `json:"stones"`
	Rooms  []size   `json:"rooms"`
	Doors  []door   `json:"doors"`
	Stable *size    `json:"stable"`
	Words  []string `json:"words"`
	Hidden string   `json:"-"`
	secret string
}

func TestWhatFitsIsRead(t *testing.T) {
	t.Parallel()
	var h house
	require.NoError(t, strictjson.Decode([]byte(` {
		"width": 3, "height": "2.50", "name": "A \"B\"", "ready": true, "colour": "red", "stones": [1, 2],
		"rooms": [{"height": 1.10}, {}], "doors": [{"hangs": [{"paint": "red"}]}], "stable": {"width": -1}, "words": null
	}`), &h))
	number := func(text string) decimal.Decimal { return decimal.MustParse(text) }
	require.Equal(t, house{
		size: size{3, number("2.50")}, Name: `A "B"`, Ready: true, Colour: "red", Stones: stones{1, 2},
		Rooms: []size{{Height: number("1.10")}, {}}, Doors: []door{{Hangs: []door{{Paint: "red"}}}}, Stable: &size{Width: -1},
	}, h)
}

func TestWhatIsLeftOutStaysAsItIs(t *testing.T) {
	t.Parallel()
	h := house{Name: "old", secret: "kept", size: size{Width: 3}}
	require.NoError(t, strictjson.Decode([]byte(`{"width": 4, "name": null}`), &h))
	require.Equal(t, house{Name: "old", secret: "kept", size: size{Width: 4}}, h)
}

func TestEveryErrorSaysWhichFieldAndWhatItShouldHold(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		`{"nme": "A"}`:                                 "nme: is an unknown field; known are width, height, name, ready, colour, stones, rooms, doors, stable, words",
		`{"Name": "A"}`:                                "Name: is an unknown field; known are ",
		`{"Hidden": "A"}`:                              "Hidden: is an unknown field",
		`{"secret": "A"}`:                              "secret: is an unknown field",
		`{"a b": 1}`:                                   `"a b": is an unknown field`,
		`{"rooms": [{}, {"depth": 1}]}`:                "rooms[1].depth: is an unknown field; known are width, height",
		`{"name": "A", "name": "A"}`:                   "name: stands there twice; give it once",
		`{"rooms": [{"width": 1, "width": 1}]}`:        "rooms[0].width: stands there twice",
		`{"name": 3}`:                                  "name: 3 must be text in quotes",
		`{"ready": "yes"}`:                             `ready: "yes" must be true or false`,
		`{"width": 1.5}`:                               "width: 1.5 must be a whole number",
		`{"width": "1"}`:                               `width: "1" must be a whole number`,
		`{"height": "two"}`:                            `height: "two" must be a number such as "1000.00"`,
		`{"height": true}`:                             `height: true must be a number`,
		`{"height": [1]}`:                              `height: [1] must be a number`,
		`{"height": "+1"}`:                             `height: "+1" must be a number`,
		`{"height": " 1"}`:                             `height: " 1" must be a number`,
		`{"height": "1,000.00"}`:                       `height: "1,000.00" must be a number`,
		`{"height": "0.10000000000000000001"}`:         `height: "0.10000000000000000001" has more digits than the 19 that are counted`,
		`{"height": 1e300}`:                            "height: 1e300 has more digits than the 19 that are counted",
		`{"height": 1e-300}`:                           "height: 1e-300 has more digits than the 19 that are counted",
		`{"height": 1e999999999}`:                      "height: 1e999999999 has more digits than the 19 that are counted",
		`{"colour": "blue"}`:                           "colour: the only colour is red",
		`{"colour": {"red": true}}`:                    `colour: {"red": true} must be text in quotes`,
		`{"stones": 3}`:                                "stones: must list weights",
		`{"rooms": {"width": 1}}`:                      `rooms: {"width": 1} must be a list, in [ and ]`,
		`{"rooms": [3]}`:                               "rooms[0]: 3 must be an object, in { and }",
		`{"stable": []}`:                               "stable: [] must be an object, in { and }",
		`{"doors": [{}, {"paint": "blue"}]}`:           "doors[1].paint: the only colour is red",
		`{"doors": [{"hangs": [{"paint": 1}]}]}`:       "doors[0].hangs[0].paint: 1 must be text in quotes",
		`{"doors": ["oak"]}`:                           `doors[0]: "oak" must be an object, in { and }`,
		`{"words": ["a", 1]}`:                          "words[1]: 1 must be text in quotes",
		`{"width": "` + strings.Repeat("w", 50) + `"}`: `width: "` + strings.Repeat("w", 39) + "… must be a whole number",
		`{"width": "1", "name": 3}`:                    "width: ",
		`{"name": 3, "width": "1"}`:                    "name: ",
		`[]`:                                           "[] must be an object, in { and }",
		`null`:                                         "null must be an object, in { and }",
		"":                                             "is empty; write an object, in { and }",
		"{\n  \"name\": A}":                            "line 2, column 11: invalid character 'A' looking for beginning of value",
		`{} {}`:                                        "line 1, column 4: invalid character '{' after top-level value",
	} {
		err := strictjson.Decode([]byte(text), &house{})
		require.ErrorContains(t, err, says, text)
		require.True(t, strings.HasPrefix(err.Error(), says), "%s: %v", text, err)
		require.ErrorAs(t, err, new(*strictjson.Error))
	}
}

func TestAmountsOfAnyNotationAreReadIfTheyAreExact(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"0"`: "0", `0.00`: "0.00", `-1.50`: "-1.50", `"1e3"`: "1000", `1.5E-3`: "0.0015", `"1000000000000.00"`: "1000000000000.00",
		`0.10`: "0.10", `250.0`: "250.0", `"1.0000000000000000000000"`: "1.000000000000000000",
	} {
		var s size
		require.NoError(t, strictjson.Decode([]byte(`{"height": `+text+`}`), &s), text)
		require.Equal(t, want, s.Height.String(), text)
	}
}

func TestATypeThatReadsItselfStrictlyDoesSoForEncodingJSONToo(t *testing.T) {
	t.Parallel()
	var all struct{ Doors []door }
	require.EqualError(t, json.Unmarshal([]byte(`{"Doors": [{"hangs": [{"paint": "red"}, {"pain": "red"}]}]}`), &all),
		"hangs[1].pain: is an unknown field; known are paint, hangs")
}

func FuzzNothingPanics(f *testing.F) {
	f.Add([]byte(`{"width": 1, "rooms": [{"height": "1"}], "doors": [{"paint": "red"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if strictjson.Decode(text, &house{}) == nil {
			require.True(t, json.Valid(text))
		}
	})
}
