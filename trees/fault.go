package trees

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Severity says whether a fault keeps a tree from running.
type Severity string

// The severities. A tree with warnings runs; one with a fault does not.
const (
	SeverityFault   Severity = "fault"
	SeverityWarning Severity = "warning"
)

// Fault is one thing that is wrong in a file, with its place and what to do
// about it. Lines and columns count from one, columns and lengths in
// characters.
type Fault struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Length   int      `json:"length"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	Hint     string   `json:"hint,omitempty"`
	Text     string   `json:"text"` // the source line, or the part of a long one around the column
	Offset   int      `json:"-"`    // characters of the line left out before Text
}

// Error gives the fault as one line.
func (f Fault) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
}

// Render gives the fault as people read it: place and message, the source line
// with a caret under the text that is meant, and the hint.
func (f Fault) Render() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: ", f.File, f.Line, f.Column)
	if f.Severity == SeverityWarning {
		b.WriteString("warning: ")
	}
	b.WriteString(f.Message)
	number := fmt.Sprintf("%5d", f.Line)
	fmt.Fprintf(&b, "\n%s | %s\n%s | %s\n", number, f.Text, strings.Repeat(" ", len(number)), f.caret())
	if f.Hint != "" {
		fmt.Fprintf(&b, "%s = %s\n", strings.Repeat(" ", len(number)), f.Hint)
	}
	return b.String()
}

// caret is the line under the text: tabs stay, so that it lines up in every
// terminal.
func (f Fault) caret() string {
	var b strings.Builder
	text := []rune(f.Text)
	start := min(max(f.Column-1-f.Offset, 0), len(text))
	for _, r := range text[:start] {
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat("^", max(1, min(f.Length, len(text)-start))))
	return b.String()
}

// Faults are all faults and warnings of a check, in the order of files and
// lines.
type Faults []Fault

// Error gives every fault on a line of its own.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Render gives every fault as people read it.
func (fs Faults) Render() string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString(f.Render())
	}
	return b.String()
}

// Fatal lists the faults among fs: what keeps the files from running.
func (fs Faults) Fatal() Faults { return fs.of(SeverityFault) }

// Warnings lists the warnings among fs.
func (fs Faults) Warnings() Faults { return fs.of(SeverityWarning) }

func (fs Faults) of(severity Severity) Faults {
	var out Faults
	for _, f := range fs {
		if f.Severity == severity {
			out = append(out, f)
		}
	}
	return out
}

// Sort puts the faults in the order of files and lines.
func (fs Faults) Sort() {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

// maxText is how many characters of a source line a fault shows.
const maxText = 160

// excerpt gives the part of a line around a column, safe for a terminal, and
// how many characters were left out before it.
func excerpt(line string, column int) (text string, offset int) {
	runes := []rune(line)
	if len(runes) > maxText {
		offset = min(max(column-1-maxText/2, 0), len(runes)-maxText)
		runes = runes[offset : offset+maxText]
	}
	for i, r := range runes {
		if r != '\t' && unicode.IsControl(r) {
			runes[i] = utf8.RuneError
		}
	}
	return string(runes), offset
}
