package strictyaml

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Shelf is a kind of file with one thing in each, such as a rulebook: some come with Tender, and an operator adds others in a folder.
type Shelf[T any] struct {
	// Word is what one is called in errors.
	Word string
	// Shipped has those that come with Tender, all in one folder.
	Shipped embed.FS
	Folder  string
	Name    func(T) string
	// Read reads a file, which is the operator's own or comes with Tender.
	Read func(file string, text []byte, own bool) (T, error)
}

// Load returns those that come with Tender, and after them those in an operator's folder (*.yaml, *.yml), of which one takes the place of
// a shipped one by bearing its name. No folder: only the shipped ones.
func (s Shelf[T]) Load(dir string) ([]T, error) {
	all, err := s.read(s.Folder, s.Shipped.ReadDir, s.Shipped.ReadFile, false)
	if err != nil || dir == "" {
		return all, err
	}
	own, err := s.read(dir, os.ReadDir, os.ReadFile, true)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(shipped T) bool {
		return slices.ContainsFunc(own, func(one T) bool { return s.Name(one) == s.Name(shipped) })
	})
	return append(all, own...), nil
}

// LoadBeneath is [Shelf.Load] with what lies in the folder of the shelf's name beneath another, which need not have one.
func (s Shelf[T]) LoadBeneath(dir string) ([]T, error) {
	if dir == "" {
		return s.Load("")
	}
	own := filepath.Join(dir, s.Folder)
	if _, err := os.Stat(own); !errors.Is(err, fs.ErrNotExist) {
		return s.Load(own)
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("%ss beneath %s: %w", s.Word, dir, err)
	}
	return s.Load("")
}

func (s Shelf[T]) read(dir string, list func(string) ([]fs.DirEntry, error), text func(string) ([]byte, error), own bool) (all []T, err error) {
	entries, err := list(dir)
	if err != nil {
		return nil, fmt.Errorf("%ss: %w", s.Word, err)
	}
	in := map[string]string{}
	for _, entry := range entries {
		file := path.Join(filepath.ToSlash(dir), entry.Name())
		if ext := path.Ext(file); entry.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		written, err := text(file)
		if err != nil {
			return nil, fmt.Errorf("%ss: %w", s.Word, err)
		}
		one, err := s.Read(file, written, own)
		if err != nil {
			return nil, err
		}
		name := s.Name(one)
		if other, twice := in[name]; twice {
			return nil, fmt.Errorf("%s: %s %s stands in %s too; remove one", file, s.Word, name, other)
		}
		in[name] = file
		all = append(all, one)
	}
	return all, nil
}
