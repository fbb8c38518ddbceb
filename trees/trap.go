package trees

import (
	"regexp"
	"unicode/utf8"
)

// trap is a way of writing that YAML reads differently from what was meant.
type trap struct {
	column, length int
	message, hint  string
}

// flowTrap is what goes wrong most inside of { } and [ ]; inFlow finds it in a
// line after the one that opens them.
var (
	flowTrap = trap{message: "`${ }` inside { } or [ ] without quotes", hint: "quote it: \"${ ... }\""}
	inFlow   = regexp.MustCompile(`(?:^|[:,\[{])\s*([^"'\s,:{}\[\]]*\$\{[^}]*\}?)`)
)

// traps are looked for in the lines about which the YAML parser complains, in
// this order. The first group of a pattern is the text that is meant.
var traps = []struct {
	pattern       *regexp.Regexp
	message, hint string
}{
	{
		regexp.MustCompile(`^ *(\t+)`),
		"a tab in the indentation", "indent with spaces",
	},
	{
		regexp.MustCompile(`[\s:,\[{](\{\{.*?\}\}?)`),
		"{{ }} is no expression here", "write `${ ... }`, in quotes where it stands inside { } or [ ]",
	},
	{
		regexp.MustCompile(`[{\[](?:(?:[^"'#]|"[^"]*"|'[^']*')*?[:,\[])?\s*([^"'\s,:{}\[\]]*\$\{[^}]*\}?)`),
		flowTrap.message, flowTrap.hint,
	},
	{
		regexp.MustCompile(`\{.*\b(?:when|each|until):\s*([^"'\s].*)`),
		"a condition with , : { } [ ] inside { } without quotes", "quote the whole expression",
	},
	{
		regexp.MustCompile(`^\s*(?:- )?\s*(?:when|each|until|lane|dedupe):\s+(["'\[{>|*&%@` + "`" + `!].*)`),
		"YAML does not read this as text", "quote the whole expression, or swap the operands",
	},
	{
		regexp.MustCompile(`^\s*(?:- )?\s*[\w-]+:\s+([^"'\s].*\?.*:\s.*)`),
		"`? :` without quotes: YAML takes the colon for a mapping", "quote the whole value",
	},
	{
		regexp.MustCompile(`^\s*(?:- )?\s*[\w-]+:\s+([^"'\s|>{\[].*:\s.*)`),
		"a colon and a space in text without quotes", "quote the whole value, or indent what belongs below it",
	},
	{
		regexp.MustCompile(`^\s*(?:- )?\s*[\w-]+:\s+([@%` + "`" + `!&*].*)`),
		"YAML gives the first character a meaning of its own", "quote the whole value",
	},
	{
		regexp.MustCompile(`^\s*(?:- )?\s*[\w-]+:\s+("[^"]*"\s*\S.*|'[^']*'\s*\S.*)`),
		"text goes on after the closing quote", "quote the whole value",
	},
}

// findTrap looks for a trap in a line. Flow says that the line goes on inside
// of brackets that an earlier one opened.
func findTrap(line string, flow bool) (trap, bool) {
	if flow {
		return flowTrap.in(inFlow, line)
	}
	for _, t := range traps {
		if found, ok := (trap{message: t.message, hint: t.hint}).in(t.pattern, line); ok {
			return found, true
		}
	}
	return trap{}, false
}

// in gives the trap with its place, if the pattern finds it.
func (t trap) in(pattern *regexp.Regexp, line string) (trap, bool) {
	m := pattern.FindStringSubmatchIndex(line)
	if m == nil {
		return trap{}, false
	}
	t.column = utf8.RuneCountInString(line[:m[2]]) + 1
	t.length = utf8.RuneCountInString(line[m[2]:m[3]])
	return t, true
}
