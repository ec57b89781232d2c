// Package examples holds what a newcomer may try first.
package examples

import _ "embed"

// DemoFile is where the lives of `tender demo` are written down.
const DemoFile = "examples/demo.yaml"

// Demo is the content of [DemoFile].
//
//go:embed demo.yaml
var Demo []byte
