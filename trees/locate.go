package trees

import (
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// locate finds where bytes of a scalar's value stand in the file. YAML folds
// lines, strips indentation and reads escapes, so the two are laid side by
// side: every character that is no white space stands in both, in one order.
func (s *source) locate(n *yaml.Node, offset, length int) span {
	value := n.Value
	offset = min(max(offset, 0), len(value))
	end := min(offset+max(length, 0), len(value))
	w := &walker{source: s, line: n.Line, style: n.Style, runes: []rune(s.line(n.Line))}
	w.begin(n)
	for _, r := range value[:offset] {
		w.pass(r)
	}
	if offset < len(value) {
		r, _ := utf8.DecodeRuneInString(value[offset:])
		w.reach(r)
	}
	at := span{line: w.line, column: w.column + 1, length: utf8.RuneCountInString(value[offset:end])}
	if at.length == 0 && offset == len(value) {
		at.column = max(at.column, 1)
	}
	return at
}

func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// walker steps through the source text of a scalar.
type walker struct {
	*source
	style  yaml.Style
	line   int
	column int // from zero: the character that comes next
	runes  []rune
}

// begin goes to the first character of the value.
func (w *walker) begin(n *yaml.Node) {
	w.column = n.Column - 1
	switch {
	case w.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		w.next()
	case w.style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		w.column++
	}
}

func (w *walker) next() {
	w.line++
	w.column = 0
	w.runes = []rune(w.source.line(w.line))
}

// reach goes to where the source writes r.
func (w *walker) reach(r rune) {
	if unicode.IsSpace(r) {
		return
	}
	for w.line <= len(w.lines) {
		for w.column < len(w.runes) && unicode.IsSpace(w.runes[w.column]) {
			w.column++
		}
		switch {
		case w.column >= len(w.runes):
			w.next()
		case w.blankEscape():
			w.column += 2
		default:
			return
		}
	}
}

// blankEscape reports whether an escape that stands for white space, or for a
// line that goes on, comes next.
func (w *walker) blankEscape() bool {
	if w.style&yaml.DoubleQuotedStyle == 0 || w.runes[w.column] != '\\' {
		return false
	}
	if w.column+1 >= len(w.runes) {
		return true
	}
	switch w.runes[w.column+1] {
	case 'n', 't', 'r', ' ', '\t', 'v', 'f', 'N', '_', 'L', 'P':
		return true
	}
	return false
}

// pass goes behind r.
func (w *walker) pass(r rune) {
	if unicode.IsSpace(r) {
		if w.column < len(w.runes) && w.runes[w.column] == r {
			w.column++
		}
		return
	}
	w.reach(r)
	if w.column >= len(w.runes) {
		return
	}
	switch c := w.runes[w.column]; {
	case c == '\'' && w.style&yaml.SingleQuotedStyle != 0:
		w.column += 2
	case c == '\\' && w.style&yaml.DoubleQuotedStyle != 0:
		w.column += w.escape()
	default:
		w.column++
	}
}

// escape is the length of the escape that comes next.
func (w *walker) escape() int {
	if w.column+1 >= len(w.runes) {
		return 1
	}
	switch w.runes[w.column+1] {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	default:
		return 2
	}
}
