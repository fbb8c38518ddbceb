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
		regexp.MustCompile(`[{\[](?:[^"'#]|"[^"]*"|'[^']*')*?[:,\[]\s*([^"'\s,:{}\[\]]*\$\{[^}]*\}?)`),
		"`${ }` inside { } or [ ] without quotes", "quote it: \"${ ... }\"",
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

func findTrap(line string) (trap, bool) {
	for _, t := range traps {
		m := t.pattern.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		return trap{
			column:  utf8.RuneCountInString(line[:m[2]]) + 1,
			length:  utf8.RuneCountInString(line[m[2]:m[3]]),
			message: t.message, hint: t.hint,
		}, true
	}
	return trap{}, false
}
