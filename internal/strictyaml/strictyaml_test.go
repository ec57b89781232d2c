package strictyaml_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/strictyaml"
)

type ladder struct {
	Name  string
	Steps []struct {
		Day  int
		Text string
	}
}

func TestEveryErrorSaysWhereItStands(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"unknown field":   {"name: a\nsteps:\n  - day: 1\n    colour: red\n", `ladder.yaml:4:5: unknown field "colour"`},
		"wrong type":      {"name: a\nsteps:\n  - day: soon\n", "ladder.yaml:3:10: cannot unmarshal string into Go struct field ladder.Steps of type int"},
		"duplicate key":   {"name: a\nname: b\n", `ladder.yaml:2:1: mapping key "name" already defined at [1:1]`},
		"no YAML":         {"name: [\n", "ladder.yaml:1:7: sequence end token ']' not found"},
		"empty":           {"", "ladder.yaml:1:1: must hold one YAML document"},
		"two documents":   {"name: a\n---\nname: b\n", "ladder.yaml:1:1: must hold one YAML document"},
		"not even a list": {"just words\n", "ladder.yaml:1:1: string was used where mapping is expected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := strictyaml.Decode("ladder.yaml", []byte(test.text), &ladder{})
			require.EqualError(t, err, test.want)
		})
	}
}

func TestAByteOrderMarkIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"name: a\n", "# a comment\nname: a\n"} {
		var into ladder
		_, err := strictyaml.Decode("ladder.yaml", []byte("\ufeff"+text), &into)
		require.NoError(t, err)
		require.Equal(t, "a", into.Name)
	}
}

func TestAnErrorOfMeaningSaysWhereItStandsToo(t *testing.T) {
	t.Parallel()
	var into ladder
	file, err := strictyaml.Decode("ladder.yaml", []byte("name: a\nsteps:\n  - day: 1\n  - day: 0\n"), &into)
	require.NoError(t, err)
	require.EqualError(t, file.Errorf("$.steps[1].day", "must be at least %d", 1), "ladder.yaml:4:10: steps[1].day: must be at least 1")
	require.EqualError(t, file.Errorf("$.steps[1].text", "is missing"), "ladder.yaml:4:5: steps[1].text: is missing")
	require.EqualError(t, file.Errorf("$.tone", "is missing"), "ladder.yaml:1:1: tone: is missing")
}

// word is one of a few.
type word string

func (w *word) UnmarshalText(text []byte) error {
	if *w = word(text); *w != "yes" {
		return errors.New("must be yes")
	}
	return nil
}

func TestAWordThatIsUnknownIsRefusedWhereItStands(t *testing.T) {
	t.Parallel()
	type file struct {
		Party word                `yaml:"party"`
		Named map[string]*word    `yaml:"named"`
		All   []struct{ By word } `yaml:"all"`
	}
	for text, want := range map[string]string{
		"party: no\n": "f.yaml:1:8: party: must be yes",
		"party: yes\nnamed: {a: \"yes\", b: no}\n": "f.yaml:2:22: named.b: must be yes",
		"all:\n  - by: yes\n  - by: maybe\n":       "f.yaml:3:9: all[1].by: must be yes",
		"\ufeffparty: \"yes\"\nall: [{by: 3}]\n":   "f.yaml:2:12: all[0].by: must be yes",
	} {
		_, err := strictyaml.Decode("f.yaml", []byte(text), &file{})
		require.EqualError(t, err, want)
	}
	_, err := strictyaml.Decode("f.yaml", []byte("\ufeffparty: \"yes\"\n"), &file{})
	require.NoError(t, err)
}

func TestFractionsAreRefusedWhereNumbersAreWhole(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"name: \"1.5\"\nsteps:\n  - day: 1\n":  "",
		"name: a\nsteps:\n  - day: 1.5\n":      "ladder.yaml:3:10: 1.5 has a fraction; write a whole number, or text in quotes",
		"name: 2.0\nsteps:\n  - {day: 1}\n":    "ladder.yaml:1:7: 2.0 has a fraction; write a whole number, or text in quotes",
		"name: a\nsteps:\n  - {day: -0.5}\n\n": "ladder.yaml:3:11: -0.5 has a fraction; write a whole number, or text in quotes",
	} {
		file, err := strictyaml.Decode("ladder.yaml", []byte(text), &ladder{})
		require.NoError(t, err)
		if err = file.Whole(); want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, want)
		}
	}
}
