package trees

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// The bounds of one file.
const (
	MaxFile       = 1 << 20 // bytes
	MaxDepth      = 64      // of nesting
	MaxNodes      = 2000    // of a tree
	MaxConnectors = 256     // into one node
	maxFaults     = 100     // that are told of one file
)

// span is a place in a file.
type span struct {
	line, column, length int // from one, in characters
}

// source is a file that is being read, with what was found wrong in it.
type source struct {
	file   string
	text   string
	lines  []string
	faults Faults
	more   int                 // faults beyond maxFaults
	broken map[*yaml.Node]bool // nodes that a fault was told of already
}

func newSource(file string, src []byte) *source {
	text := strings.TrimPrefix(string(src), "\ufeff")
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	return &source{file: file, text: text, lines: lines, broken: make(map[*yaml.Node]bool)}
}

// fault tells a fault at a place.
func (s *source) fault(at span, hint, format string, args ...any) {
	s.add(SeverityFault, at, hint, fmt.Sprintf(format, args...))
}

// warn tells a warning at a place.
func (s *source) warn(at span, hint, format string, args ...any) {
	s.add(SeverityWarning, at, hint, fmt.Sprintf(format, args...))
}

func (s *source) add(severity Severity, at span, hint, message string) {
	if len(s.faults) >= maxFaults {
		s.more++
		return
	}
	at = s.inside(at)
	text, offset := excerpt(s.lines[at.line-1], at.column)
	s.faults = append(s.faults, Fault{
		File: s.file, Line: at.line, Column: at.column, Length: at.length,
		Severity: severity, Message: message, Hint: hint, Text: text, Offset: offset,
	})
}

// inside moves a place into the file, whatever it was computed from.
func (s *source) inside(at span) span {
	at.line = min(max(at.line, 1), len(s.lines))
	width := utf8.RuneCountInString(s.lines[at.line-1])
	at.column = min(max(at.column, 1), width+1)
	at.length = max(1, min(at.length, width-at.column+1))
	return at
}

// result gives all that was found, sorted; the last one says how many more
// there are.
func (s *source) result() Faults {
	faults := s.faults
	faults.Sort()
	if s.more > 0 && len(faults) > 0 {
		last := faults[len(faults)-1]
		last.Message = fmt.Sprintf("%d more faults are not shown", s.more)
		last.Hint = "mend the first ones and check again"
		faults = append(faults, last)
	}
	return faults
}

// failed reports whether a fault, and not only warnings, was told.
func (s *source) failed() bool {
	for _, f := range s.faults {
		if f.Severity == SeverityFault {
			return true
		}
	}
	return false
}

// at is the place of a YAML node: all of a scalar on its first line, the first
// character of anything else.
func (s *source) at(n *yaml.Node) span {
	at := span{line: n.Line, column: n.Column, length: 1}
	if n.Kind != yaml.ScalarNode || n.Line < 1 || n.Line > len(s.lines) {
		return at
	}
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		at.length = utf8.RuneCountInString(n.Value) + 2
	default:
		at.length = utf8.RuneCountInString(n.Value)
	}
	return at
}

// read parses the file as one YAML document. It gives nil after a fault that
// leaves nothing to look at.
func (s *source) read() *yaml.Node {
	if len(s.text) > MaxFile {
		s.fault(span{}, "split it: one tree a file", "the file has %d bytes; at most %d are read", len(s.text), MaxFile)
		return nil
	}
	if !s.readable() {
		return nil
	}
	decoder := yaml.NewDecoder(strings.NewReader(s.text))
	var doc, next yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF), err == nil && len(doc.Content) == 0:
		s.fault(span{}, "", "the file is empty")
		return nil
	case err != nil:
		s.syntax(err)
		return nil
	}
	switch err := decoder.Decode(&next); {
	case err == nil:
		s.fault(span{line: max(next.Line, 1), column: 1}, "write one document a file, without `---`", "a second document begins here")
	case !errors.Is(err, io.EOF):
		s.syntax(err)
	}
	root := doc.Content[0]
	s.validate(root, 1)
	return root
}

// readable refuses bytes that are no text.
func (s *source) readable() bool {
	ok := true
	for i, line := range s.lines {
		column := 0
		for rest := line; rest != ""; {
			r, size := utf8.DecodeRuneInString(rest)
			column++
			switch {
			case r == utf8.RuneError && size == 1:
				s.fault(span{line: i + 1, column: column, length: 1}, "save the file as UTF-8", "byte 0x%02x is not UTF-8", rest[0])
				return false
			case r < ' ' && r != '\t', r == 0x7f, r == '\u0085', r == '\ufeff':
				s.fault(span{line: i + 1, column: column, length: 1}, "remove it", "control character %U", r)
				ok = false
			}
			rest = rest[size:]
		}
	}
	return ok
}

// validate tells what the language leaves out of YAML: anchors, aliases, tags,
// keys that are no text, the same key twice, and nesting without end.
func (s *source) validate(n *yaml.Node, depth int) {
	if depth > MaxDepth {
		s.fault(s.at(n), "", "nested deeper than %d levels", MaxDepth)
		s.broken[n] = true
		return
	}
	switch {
	case n.Kind == yaml.AliasNode:
		s.fault(s.at(n), "write the value out, or quote text that begins with *", "the alias *%s: aliases are not part of the language", n.Value)
		s.broken[n] = true
		return
	case n.Anchor != "":
		s.fault(s.at(n), "write the value out, or quote text that begins with &", "the anchor &%s: anchors are not part of the language", n.Anchor)
		s.broken[n] = true
	case n.Style&yaml.TaggedStyle != 0:
		s.tagged(n)
		s.broken[n] = true
	}
	if n.Kind == yaml.MappingNode {
		s.keys(n)
	}
	for _, child := range n.Content {
		s.validate(child, depth+1)
	}
}

// tagged tells of an explicit tag, which is most often a negated expression.
func (s *source) tagged(n *yaml.Node) {
	at := span{line: n.Line, column: n.Column, length: utf8.RuneCountInString(n.Tag)}
	if name, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(name, "!") {
		s.fault(at, "write `not "+strings.TrimSpace(name+" "+n.Value)+"`, or quote the text", "YAML takes %s for a tag and not for text", n.Tag)
		return
	}
	s.fault(at, "remove it", "the tag %s: tags are not part of the language", n.Tag)
}

// keys tells what is wrong with the keys of one mapping.
func (s *source) keys(n *yaml.Node) {
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch first, twice := seen[key.Value]; {
		case key.Kind == yaml.AliasNode: // told by validate
		case key.Kind != yaml.ScalarNode && key.Style&yaml.FlowStyle != 0:
			s.fault(span{line: n.Line, column: n.Column, length: 2}, "write `${ ... }`, in quotes where it stands inside { } or [ ]", "a mapping as a key: {{ }} is no expression here")
			s.broken[n] = true
		case key.Kind != yaml.ScalarNode:
			s.fault(s.at(key), "", "a key is text")
			s.broken[n] = true
		case key.Tag == "!!merge":
			s.fault(s.at(key), "write the keys out, or quote the text", "the merge key <<: merging is not part of the language")
			s.broken[key] = true
		case twice:
			s.fault(s.at(key), "keep one of them", "the key %q stands twice; first in line %d", key.Value, first)
			s.broken[key] = true
		default:
			seen[key.Value] = key.Line
		}
	}
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntax tells the error of the YAML parser at the line that it is about. The
// parser names the line where the surrounding construct begins, or none, so
// the line is looked for.
func (s *source) syntax(err error) {
	line, message := 1, err.Error()
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		message = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	if len(s.text) <= 64<<10 {
		line = s.firstBad()
	}
	flow := strings.Contains(message, "expected ','")
	for l := line; l < line+8 && l <= len(s.lines); l++ {
		if t, ok := findTrap(s.lines[l-1], flow && l > line); ok {
			s.fault(span{line: l, column: t.column, length: t.length}, t.hint, "%s", t.message)
			return
		}
	}
	line = min(line, len(s.lines))
	text := s.lines[line-1]
	indent := utf8.RuneCountInString(text) - utf8.RuneCountInString(strings.TrimLeft(text, " \t"))
	s.fault(span{line: line, column: indent + 1, length: utf8.RuneCountInString(strings.TrimSpace(text))},
		"look at the indentation, and quote text with `: `, ` #` or a leading special character", "not YAML: %s", message)
}

// firstBad finds the line at which the file stops being YAML: the one after
// the longest start of the file that is. A start may be bad only because it
// ends inside of quotes or brackets, so a few longer ones are tried.
func (s *source) firstBad() int {
	const reach = 8 // lines
	good := func(n int) bool {
		var doc yaml.Node
		return yaml.Unmarshal([]byte(strings.Join(s.lines[:n], "\n")+"\n"), &doc) == nil
	}
	low, high := 0, len(s.lines) // the first low lines are good, the first high are not
	for high-low > 1 {
		mid := (low + high) / 2
		step := 1
		longest := mid
		for longest < min(mid+reach, high) && !good(longest) {
			longest += step
			step *= 2
		}
		if longest < min(mid+reach, high) {
			low = longest
		} else {
			high = mid
		}
	}
	return low + 1
}
