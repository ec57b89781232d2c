package intake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// maxNumber bounds how long a number may be, in bytes; an amount has at most 19 digits.
const maxNumber = 40

// checkWriting refuses JSON that not everybody reads alike: a key that stands twice in one object, of which some take the
// first and others the last; and numbers with exponents, or longer than anybody needs. The text is known to be JSON.
func checkWriting(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return checkValue(decoder, "event")
}

func checkValue(d *json.Decoder, path string) error {
	token, err := d.Token()
	if err != nil {
		return wrong("event", "is not JSON")
	}
	switch t := token.(type) {
	case json.Number:
		if len(t) > maxNumber || strings.ContainsAny(string(t), "eE") {
			return wrong(path, "must be a number of at most %d digits, written without an exponent, such as 125.00", maxNumber)
		}
	case json.Delim:
		return checkParts(d, t, path)
	}
	return nil
}

// checkParts checks the fields of an object or the elements of a list, up to the closing bracket.
func checkParts(d *json.Decoder, open json.Delim, path string) error {
	seen := map[string]bool{}
	for n := 0; d.More(); n++ {
		at := fmt.Sprintf("%s[%d]", path, n)
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return wrong("event", "is not JSON")
			}
			key := fmt.Sprint(name)
			switch at = below(path, key); {
			case seen[key] && at == path:
				return wrong(path, "holds a field twice; send each once")
			case seen[key]:
				return wrong(at, "stands twice; send it once")
			}
			seen[key] = true
		}
		if err := checkValue(d, at); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// below is the path of a field. Its name is repeated only if it looks like one, for it may be personal else.
func below(path, name string) string {
	switch {
	case strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" || len(name) > maxNumber:
		return path
	case path == "event":
		return name
	}
	return path + "." + name
}
