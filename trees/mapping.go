package trees

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
)

// mapping is a YAML mapping of known keys.
type mapping struct {
	*source
	node *yaml.Node
	keys map[string]*yaml.Node // key to the node of the key
	vals map[string]*yaml.Node // key to the node of its value
}

// pairs lists a mapping's keys and values, without those that were told as
// faulty.
func (s *source) pairs(n *yaml.Node) [][2]*yaml.Node {
	var out [][2]*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; key.Kind == yaml.ScalarNode && !s.broken[key] {
			out = append(out, [2]*yaml.Node{key, n.Content[i+1]})
		}
	}
	return out
}

// mapping reads n as a mapping of the known keys and tells of every other key.
func (s *source) mapping(n *yaml.Node, what string, known []string) (*mapping, bool) {
	if s.broken[n] {
		return nil, false
	}
	if n.Kind != yaml.MappingNode {
		s.fault(s.at(n), listed(known), "%s is a mapping", what)
		return nil, false
	}
	m := &mapping{source: s, node: n, keys: make(map[string]*yaml.Node), vals: make(map[string]*yaml.Node)}
	split := false
	for _, pair := range s.pairs(n) {
		key, value := pair[0], pair[1]
		switch {
		case slices.Contains(known, key.Value):
			m.keys[key.Value], m.vals[key.Value] = key, value
		case split: // what a comma cut off a text that was told already
		case n.Style&yaml.FlowStyle != 0 && value.Tag == "!!null" && !plainKey.MatchString(key.Value):
			split = true
			s.fault(s.at(key), "quote the whole text: inside { } a comma ends it", "the text before the comma goes on here")
		default:
			s.fault(s.at(key), suggest(key.Value, known), "unknown key `%s` in %s", key.Value, what)
		}
	}
	return m, true
}

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// has reports whether a key is written, whatever its value.
func (m *mapping) has(key string) bool { return m.keys[key] != nil }

// get gives the value of a key. A key without a value is told; nil means that
// there is nothing to read.
func (m *mapping) get(key string) *yaml.Node {
	n := m.vals[key]
	switch {
	case n == nil || m.broken[n]:
		return nil
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		m.fault(m.at(m.keys[key]), "give it a value, or remove the key", "`%s:` has no value", key)
		m.broken[n] = true
		return nil
	}
	return n
}

// text reads a key as text on its own, without expressions.
func (m *mapping) text(key string) string {
	n := m.get(key)
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		m.fault(m.at(n), "", "`%s:` is text", key)
		m.broken[n] = true
		return ""
	}
	if strings.Contains(n.Value, "${") {
		m.fault(m.at(n), "write the text itself", "`%s:` is read before any run: it cannot hold ${ }", key)
		m.broken[n] = true
	}
	return n.Value
}

// flag reads a key as true or false.
func (m *mapping) flag(key string) bool {
	n := m.get(key)
	if n == nil {
		return false
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		m.fault(m.at(n), "", "`%s:` is true or false", key)
		return false
	}
	return strings.EqualFold(n.Value, "true")
}

// count reads a key as an integer of at least one; word, when it is not
// empty, stands for zero.
func (m *mapping) count(key, word string, most int) int {
	n := m.get(key)
	if n == nil || word != "" && n.Value == word {
		return 0
	}
	number, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || number < 1 || number > most {
		or := ""
		if word != "" {
			or = ", or `" + word + "`"
		}
		m.fault(m.at(n), "", "`%s:` is an integer from 1 to %d%s", key, most, or)
		return 1
	}
	return number
}

// duration reads a key as a duration that is known before any run.
func (m *mapping) duration(key string) time.Duration {
	n := m.get(key)
	if n == nil {
		return 0
	}
	d, err := engine.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		m.fault(m.at(n), durationHint, "`%s:` is a duration", key)
		return 0
	}
	if d < 0 {
		m.fault(m.at(n), "", "`%s:` is below zero", key)
		return 0
	}
	return d
}

const durationHint = "write a number and a unit (s, m, h, d, w), such as 0.5s, 30s, 1h30m, 2d or 1w"
