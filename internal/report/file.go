package report

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// ErrNoBorrower says that there is no borrower with an id.
var ErrNoBorrower = errors.New("no such borrower")

// File is everything that is known of a borrower, personal data included.
type File struct {
	Borrower string `json:"borrower"`
	// WrittenAt is the business time at which the file was written, Audit whether the borrower's chain is whole.
	WrittenAt time.Time       `json:"written_at"`
	Audit     Audit           `json:"audit"`
	Data      json.RawMessage `json:"data"`
}

// Everything gathers all that is known of a borrower, and looks at its chain.
func Everything(ctx context.Context, s *store.Store, borrower string) (File, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return File{}, err
	}
	file := File{Borrower: borrower, WrittenAt: now.UTC()}
	err = s.Snapshot(ctx, func(q *sqlc.Queries) (err error) {
		if file.Data, err = q.Everything(ctx, borrower); err != nil {
			return err
		}
		file.Audit, err = verify(ctx, q, borrower, nil, nil)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNoBorrower
	}
	return file, err
}

//go:embed file.html
var filePage string

// WriteHTML writes a file as one page that stands by itself, to be read and printed.
func (f File) WriteHTML(w io.Writer) error {
	var data map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(f.Data)))
	decoder.UseNumber()
	if err := decoder.Decode(&data); err != nil {
		return err
	}
	home := time.UTC
	if who, ok := data["borrower"].(map[string]any); ok {
		if zones, ok := who["time_zones"].([]any); ok && len(zones) > 0 {
			if name, ok := zones[0].(string); ok {
				if zone, err := time.LoadLocation(name); err == nil {
					home = zone
				}
			}
		}
	}
	page, err := template.New("file").Funcs(template.FuncMap{
		"when": func(v any) string {
			text, _ := v.(string)
			at, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				return text
			}
			return Moment(at.In(home))
		},
		"fields": fields,
		"words":  func(v any) string { return strings.ReplaceAll(text(v), "_", " ") },
		"home":   func() string { return home.String() },
	}).Parse(filePage)
	if err != nil {
		return err
	}
	return page.Execute(w, map[string]any{"File": f, "Data": data})
}

// field is a name with its value, as text.
type field struct{ Name, Value string }

// fields are those of an object that say something, sorted by name, without some.
func fields(v any, without ...string) (all []field) {
	object, _ := v.(map[string]any)
	skip := map[string]bool{}
	for _, name := range without {
		skip[name] = true
	}
	for name, value := range object {
		if written := text(value); written != "" && !skip[name] {
			all = append(all, field{strings.ReplaceAll(name, "_", " "), written})
		}
	}
	sort.Slice(all, func(a, b int) bool { return all[a].Name < all[b].Name })
	return all
}

// text writes a value of JSON for a person; nothing for what says nothing.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case []any:
		var parts []string
		for _, one := range v {
			parts = append(parts, text(one))
		}
		return strings.Join(parts, ", ")
	}
	written, err := json.Marshal(v)
	if err != nil || string(written) == "{}" {
		return ""
	}
	return string(written)
}
