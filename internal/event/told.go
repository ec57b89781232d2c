package event

import "encoding/json"

// delicate are fields that say of a person's life more than whoever looks at a journey needs to know: why a hold was
// placed, what caused a hardship. They are no names or addresses, but can be health data.
var delicate = map[Type][]string{HoldPlaced: {"kind"}, HardshipReported: {"cause", "expected_months"}}

// Told returns what a journey is told of the public data of an event: all but the delicate fields, which stay in
// Postgres, where Decide and the reservation look holds up.
func Told(t Type, data json.RawMessage) json.RawMessage {
	held, ok := delicate[t]
	if !ok {
		return data
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return nil // it is an object: Decode took it
	}
	for _, field := range held {
		delete(fields, field)
	}
	told, err := json.Marshal(fields)
	if err != nil {
		return nil
	}
	return told
}
