// Package examples holds what a newcomer may try first.
package examples

import (
	"embed"
	"fmt"
)

// DemoFile is where the lives of `tender demo` are written down.
const DemoFile = "examples/demo.yaml"

// Demo is the content of [DemoFile].
//
//go:embed demo.yaml
var Demo []byte

//go:embed events/*.json
var events embed.FS

// Event returns the example of an event of a type, dated as it is in its file.
func Event(kind string) ([]byte, error) {
	text, err := events.ReadFile("events/" + kind + ".json")
	if err != nil {
		return nil, fmt.Errorf("there is no example of %s", kind)
	}
	return text, nil
}

//go:embed replies/*.yaml
var replies embed.FS

// Replies are the names of the sets of labelled replies: those on which the rules were made, and those that nobody who made them
// had seen.
var Replies = []string{"en", "zh-CN", "unseen.en", "unseen.zh-CN"}

// Labelled returns a set of labelled replies, with the name of its file.
func Labelled(name string) (file string, text []byte, err error) {
	file = "replies/" + name + ".yaml"
	text, err = replies.ReadFile(file)
	return "examples/" + file, text, err
}
