package kinetic

import (
	"bytes"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
)

// retitled gives the text of a tree under another title. All but the lines of
// `tree:` or `routine:`, and of `source:`, stays as it was written.
func retitled(text []byte, title engine.Title, routine bool) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("read the tree: %w", err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode || doc.Content[0].Style&yaml.FlowStyle != 0 {
		return nil, unsupported("the tree is not written as a mapping of lines; clone it by hand")
	}
	key, name := "tree", title.Group+" / "+title.Name
	if routine {
		key, name = "routine", title.Name
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	named, err := lineOf(doc.Content[0], key)
	if err != nil {
		return nil, err
	}
	if named < 0 {
		return nil, unsupported("the text has no `%s:`; clone the tree by hand", key)
	}
	lines[named] = entry(key, name)
	sourced, err := lineOf(doc.Content[0], "source")
	if err != nil {
		return nil, err
	}
	if sourced >= 0 {
		lines[sourced] = entry("source", title.Source)
	} else {
		lines = slices.Insert(lines, named+1, entry("source", title.Source))
	}
	return bytes.Join(lines, nil), nil
}

// lineOf finds the line of a member whose value stands beside its key; -1 when
// there is no such member.
func lineOf(m *yaml.Node, key string) (int, error) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		k, v := m.Content[i], m.Content[i+1]
		if k.Value != key {
			continue
		}
		end := len(m.Content)
		oneLine := v.Kind == yaml.ScalarNode && v.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && v.Line == k.Line
		if !oneLine || i+2 < end && m.Content[i+2].Line == k.Line {
			return 0, unsupported("`%s:` does not stand in one line; clone the tree by hand", key)
		}
		return k.Line - 1, nil
	}
	return -1, nil
}

// entry is a member as a line of YAML, which reads texts as JSON writes them.
func entry(key, value string) []byte {
	return []byte(key + ": " + string(answer(value).Body) + "\n")
}
