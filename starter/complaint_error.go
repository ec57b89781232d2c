package main

import (
	"errors"
	"regexp"
	"strings"

	"github.com/tender-engine/tender/internal/event"
)

// indexed finds where an element of a list is named.
var indexed = regexp.MustCompile(`\[\d+\]`)

// flagged says of an error about a field of a complaint's event which flag or argument of its command it is about: whoever typed the
// command sees no event.
func flagged(kind event.Type, err error) error {
	var wrong *event.Error
	if !errors.As(err, &wrong) {
		return err
	}
	field, is := strings.CutPrefix(wrong.Field, "data.")
	if !is {
		return err
	}
	field, _, _ = strings.Cut(indexed.ReplaceAllString(field, ""), ".")
	flag := "--" + strings.ReplaceAll(field, "_", "-")
	switch {
	case field == "complaint" && kind == event.ComplaintRaised:
		flag = "--id"
	case field == "complaint":
		flag = "complaint"
	case field == "text":
		flag = "--words"
	case field == "by" && kind != event.ComplaintAcknowledged, field == "hold":
		flag = "--as"
	}
	reason := strings.Replace(wrong.Reason, "send complaint.reopened", "use tender complaint reopen", 1)
	return &problem{exitRefused, flag + " " + reason}
}
