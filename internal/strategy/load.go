package strategy

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/hardship"
)

//go:embed strategies/*.yaml
var shipped embed.FS

//go:embed strategy.schema.json
var schema []byte

// Schema returns the JSON Schema of strategies, for editors that know YAML.
func Schema() []byte { return schema }

// Load returns the strategies that Tender ships, and those in a folder; a file there replaces a shipped one of the same
// name. An empty folder name means only the shipped ones.
func Load(dir string) ([]*Strategy, error) {
	files, err := fs.Sub(shipped, "strategies")
	if err != nil {
		return nil, err
	}
	all, err := parseAll(files, "")
	if err != nil || dir == "" {
		return all, err
	}
	own, err := parseAll(os.DirFS(dir), dir)
	if err != nil {
		return nil, err
	}
	for n, s := range own {
		if slices.ContainsFunc(own[:n], func(other *Strategy) bool { return other.Name == s.Name }) {
			return nil, fmt.Errorf("%s: two files are called %s; give one of them another name, or take it away", dir, s.Name)
		}
		all = slices.DeleteFunc(all, func(other *Strategy) bool { return other.Name == s.Name })
		all = append(all, s)
	}
	return all, nil
}

// CheckProducts refuses a strategy that offers a product which is not among those that there are.
func (s *Strategy) CheckProducts(products []*hardship.Product) error {
	for n, name := range s.Plans.Products {
		if !slices.ContainsFunc(products, func(p *hardship.Product) bool { return p.Name == name }) {
			var known []string
			for _, p := range products {
				known = append(known, p.Name)
			}
			return fmt.Errorf("strategy %s: plans.products[%d]: there is no product %s; known are %s", s.Name, n, name, strings.Join(known, ", "))
		}
	}
	return nil
}

func parseAll(files fs.FS, dir string) (all []*Strategy, err error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	if others, err := fs.Glob(files, "*.yml"); err != nil || len(others) > 0 {
		return nil, errors.Join(err, fmt.Errorf("%s: strategies lie in files whose names end with .yaml; rename it", filepath.Join(dir, strings.Join(others, ", "))))
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		s, err := Parse(filepath.Join(dir, name), text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}
