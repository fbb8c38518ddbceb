package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

// maxConfigFile bounds what is read of a config file, in bytes.
const maxConfigFile = 1 << 20

// configFile is a YAML file with settings by the names of flags. It is one of
// kong's resolvers, with errors that name the line.
type configFile struct {
	name     string
	settings map[string]*yaml.Node // values, by flag name
	lines    []setting             // keys, in the order of the file
}

// setting is the place of a key in a config file.
type setting struct {
	name string
	line int
}

// loadConfigFile reads settings. A reader with a name, such as a file, is named
// in errors.
func loadConfigFile(r io.Reader) (kong.Resolver, error) {
	f := &configFile{name: "config file", settings: map[string]*yaml.Node{}}
	if named, ok := r.(interface{ Name() string }); ok {
		f.name = named.Name()
	}
	text, err := io.ReadAll(io.LimitReader(r, maxConfigFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.name, err)
	}
	if len(text) > maxConfigFile {
		return nil, fmt.Errorf("%s is larger than a config file may be (%d bytes)", f.name, maxConfigFile)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	if doc.IsZero() { // an empty file, or comments alone
		return f, nil
	}
	return f, f.read(doc.Content[0])
}

// read takes up the keys of the file's one mapping.
func (f *configFile) read(root *yaml.Node) error {
	if root.Kind != yaml.MappingNode {
		return fmt.Errorf("%s:%d: settings are written as lines of NAME: VALUE", f.name, root.Line)
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if f.settings[key.Value] != nil {
			return fmt.Errorf("%s:%d: %s is set twice; remove one", f.name, key.Line, key.Value)
		}
		f.settings[key.Value] = value
		f.lines = append(f.lines, setting{key.Value, key.Line})
	}
	return nil
}

// Validate refuses settings that no flag has.
func (f *configFile) Validate(app *kong.Application) error {
	var known []string
	for _, node := range append([]*kong.Node{app.Node}, app.Leaves(false)...) {
		for _, flag := range node.Flags {
			known = append(known, flag.Name)
		}
	}
	slices.Sort(known)

	var errs []error
	for _, s := range f.lines {
		if !slices.Contains(known, s.name) {
			errs = append(errs, fmt.Errorf("%s:%d: there is no setting %q; there are: %s",
				f.name, s.line, s.name, strings.Join(slices.Compact(known), ", ")))
		}
	}
	return errors.Join(errs...)
}

// Resolve returns the file's value for flag, or nil where the file has none or
// the environment overrides it.
func (f *configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	node := f.settings[flag.Name]
	if node == nil || inEnvironment(flag) {
		return nil, nil
	}
	value, err := plain(node)
	if err == nil {
		// Kong would say the same without the place.
		scan := kong.Scan().PushTyped(value, kong.FlagValueToken)
		err = flag.Parse(scan, reflect.New(flag.Target.Type()).Elem())
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", f.name, node.Line, err)
	}
	return value, nil
}

// plain returns the text of node, or its texts where it is a list: what the
// same setting would be as a flag.
func plain(node *yaml.Node) (any, error) {
	switch node.Kind {
	case yaml.ScalarNode:
		return node.Value, nil
	case yaml.SequenceNode:
		texts := []any{}
		for _, item := range node.Content {
			if item.Kind != yaml.ScalarNode {
				return nil, errors.New("a list of settings holds plain values")
			}
			texts = append(texts, item.Value)
		}
		return texts, nil
	default:
		return nil, errors.New("a setting is a plain value or a list of them")
	}
}

// inEnvironment reports whether a variable sets flag.
func inEnvironment(flag *kong.Flag) bool {
	return slices.ContainsFunc(flag.Envs, func(name string) bool {
		_, ok := os.LookupEnv(name)
		return ok
	})
}
