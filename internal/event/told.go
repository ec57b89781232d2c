package event

import (
	"encoding/json"
	"strings"
)

// delicate are fields that say of a person's life more than whoever looks at a journey needs to know: why a hold was
// placed, what caused a hardship, which employee called. They are no names or addresses, but can be health data.
// A dot leads into an object, which itself stays: that there was a hardship a journey must know.
var delicate = map[Type][]string{
	HoldPlaced: {"kind"}, HardshipReported: {"cause", "expected_months"}, CallCompleted: {"agent", "hardship.cause", "hardship.expected_months", "complaint.kind", "complaint.about"},
	ComplaintRaised: {"about", "kind"}, ComplaintAcknowledged: {"by"}, ComplaintAssigned: {"to", "about", "by", "kind"}, ComplaintNoted: {"by"}, ComplaintResolved: {"by"},
	ComplaintEscalated: {"agent", "by"}, ComplaintExtended: {"by", "approved_by"}, ComplaintWithdrawn: {"by"}, ComplaintReopened: {"by"},
}

// Told returns what a journey is told of the public data of an event: all but the delicate fields, which stay in
// Postgres, where Decide and the reservation look holds up.
func Told(t Type, data json.RawMessage) json.RawMessage {
	held, ok := delicate[t]
	if !ok {
		return data
	}
	for _, path := range held {
		if data = without(data, strings.Split(path, ".")); data == nil {
			return nil // it is an object: Decode took it
		}
	}
	return data
}

// without leaves a field out of an object; nothing when it is none.
func without(object json.RawMessage, path []string) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil {
		return nil
	}
	switch part, there := fields[path[0]]; {
	case len(path) == 1:
		delete(fields, path[0])
	case there:
		fields[path[0]] = without(part, path[1:])
	}
	told, err := json.Marshal(fields)
	if err != nil {
		return nil
	}
	return told
}
