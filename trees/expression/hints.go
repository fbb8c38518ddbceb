package expression

import (
	"regexp"
	"strconv"
	"strings"

	"hooktree/engine/spelling"
)

// trap is text that other languages would accept, and what to write here.
type trap struct {
	text    *regexp.Regexp
	message string // empty keeps that of the parser
	hint    string

	// exact rewrites what the author wrote, for a hint that can be copied. It
	// is matched where the trap was found; the hint stands where it is not.
	exact *regexp.Regexp
	as    string
}

// traps are asked in this order when an expression does not parse.
var traps = []trap{
	{text: regexp.MustCompile(`\$\{`), message: "`${ }` is for text; this is an expression already", hint: "write the expression without ${ }"},
	{text: regexp.MustCompile(`\{\{`), message: "`{{ }}` is not of this language", hint: "write the expression without {{ }}"},
	{text: regexp.MustCompile(`#\{`), message: "`#{ }` is Ruby's", hint: "join with +, or use ${ } in text"},
	{text: regexp.MustCompile(`<%`), message: "`<%= %>` is Ruby's", hint: "write ${ } around an expression in text"},
	{text: regexp.MustCompile(`@\w+`), message: "names begin with a letter, not with @", hint: "write values.Name or values[\"Any Name\"] for @values['Name']", exact: regexp.MustCompile(`^@(\w+)\[\s*['"]([^'"]*)['"]\s*\]`), as: `${1}["${2}"]`},
	{text: regexp.MustCompile(`[=!]==`), message: "`===` and `!==` are not of this language", hint: "write == or !="},
	{text: regexp.MustCompile(`<>`), message: "`<>` is not of this language", hint: "write !="},
	{text: regexp.MustCompile(`=~`), message: "`=~` is not of this language", hint: "write text matches \"pattern\""},
	{text: regexp.MustCompile(`=>|->`), message: "there are no arrow functions", hint: "write filter(list, .name == 1); `.name` is a member of the item"},
	{text: regexp.MustCompile(`[+\-*/]=`), message: "values can't be changed here", hint: "write == to compare"},
	{text: regexp.MustCompile(`(?:^|[^=!<>])(=)(?:$|[^=])`), message: "a single = sets a value, which can't be done here", hint: "write == to compare"},
	{text: regexp.MustCompile(`(?:^|[^&])(&)(?:$|[^&])`), message: "a single & is not of this language", hint: "write and"},
	{text: regexp.MustCompile(`\b(AND|OR|NOT|IN)\b`), hint: "write and, or, not, in with small letters"},
	{text: regexp.MustCompile(`\b(elsif|unless|then|end)\b`), hint: "write condition ? one : other"},
	{text: regexp.MustCompile(`\w\.\w+\?(\s|$|\))`), hint: "a name has no `?` at its end: compare, as in x == nil, or len(x) == 0"},
	{text: regexp.MustCompile(`\bis\s+(not\s+)?(nil|null|empty)\b`), hint: "write x == nil or x != nil"},
	{text: regexp.MustCompile(`\w+\.[A-Za-z_]\w*(?: [A-Z]\w*)+`), hint: "a name with spaces is read by values[\"Any Name\"]", exact: regexp.MustCompile(`^(\w+)\.([A-Za-z_]\w*(?: [A-Z]\w*)+)`), as: `${1}["${2}"]`},
	{text: regexp.MustCompile(`\b(?:map|groupBy|sortBy|reduce|sum)\(.*,\s*\{\s*[\w ]+\s*:`), hint: "braces hold what is asked of each item; put a map in parentheses: map(list, ({name: .name}))"},
	{text: regexp.MustCompile(`\w\.\d`), hint: "an item of a list is read by list[0]"},
}

// declaring is where a single `=` is right.
var declaring = regexp.MustCompile(`\blet\s+\w+\s*=`)

// syntaxFault words what the parser found.
func (f *fragment) syntaxFault(err error) *Fault {
	at, message := f.locate(err)
	fault := f.faultAt(at, syntaxMessage(message), "")
	bare := declaring.ReplaceAllStringFunc(blank(f.text), func(s string) string { return strings.Repeat(" ", len(s)) })
	for _, t := range traps {
		where := t.text.FindStringSubmatchIndex(bare)
		if where == nil {
			continue
		}
		if len(where) > 3 && where[2] >= 0 {
			where = where[2:] // the group is what is meant
		}
		fault.Hint = t.hint
		if t.exact != nil {
			if m := t.exact.FindString(f.text[where[0]:]); m != "" {
				fault.Hint = "write " + t.exact.ReplaceAllString(m, t.as)
			}
		}
		if t.message != "" {
			fault.Message = t.message
			fault.Offset, fault.Length = f.base+where[0], where[1]-where[0]
		}
		return fault
	}
	if fault.Hint == "" {
		fault.Hint = syntaxHint(message)
	}
	return fault
}

// token is how expr names a token in its messages.
var token = regexp.MustCompile(`unexpected token (\w+)(?:\("(.*)"\))?`)

func syntaxMessage(message string) string {
	if m := token.FindStringSubmatch(message); m != nil {
		if m[1] == "EOF" {
			return "the expression ends too early"
		}
		return "`" + strings.ReplaceAll(m[2], `\"`, `"`) + "` is not expected here"
	}
	switch {
	case strings.HasPrefix(message, "literal not terminated"):
		return "a text in quotes has no closing quote"
	case strings.HasPrefix(message, "unrecognized character"):
		return "a character that is not of this language" + strings.TrimPrefix(message, "unrecognized character")
	case strings.HasPrefix(message, "compilation failed: expression exceeds"):
		return "the expression has more than 4000 parts"
	case strings.HasPrefix(message, "Operator (") && strings.Contains(message, "??"):
		return "?? can't stand beside another operator without parentheses"
	}
	return message
}

// leading are operators between two values.
var leading = regexp.MustCompile(`unexpected token Operator\("(?:[<>=!]=?|==|\*\*?|/|%|and|or|in|&&|\|\||matches|contains|startsWith|endsWith)"\)`)

func syntaxHint(message string) string {
	switch {
	case strings.Contains(message, `Operator("#")`):
		return "# is the item inside filter, map, all and the like"
	case leading.MatchString(message):
		return "a value is missing before it"
	case strings.Contains(message, "EOF"):
		return "something is missing after it: a value, or a closing bracket"
	case strings.Contains(message, "literal not terminated"):
		return "close it with the quote that opened it"
	case strings.Contains(message, "exceeds maximum"):
		return "compute parts of it in nodes of their own"
	case strings.Contains(message, "??"):
		return "write (x ?? 0) > 1"
	}
	return ""
}

// blank replaces what is inside quotes by spaces, so that traps are looked for
// in the expression and not in its texts.
func blank(text string) string {
	out := []byte(text)
	var quote byte
	for i := 0; i < len(out); i++ {
		c := out[i]
		switch {
		case quote == 0 && (c == '"' || c == '\'' || c == '`'):
			quote = c
		case quote == 0:
		case c == '\\' && quote != '`' && i+1 < len(out):
			out[i], out[i+1] = ' ', ' '
			i++
		case c == quote:
			quote = 0
		default:
			out[i] = ' '
		}
	}
	return string(out)
}

// instead is the hint for an unknown name: the one that was meant, or some of
// those that exist. of is what they are members of; known is sorted.
func instead(of, name string, known []string) string {
	if near := spelling.Nearest(name, known); len(near) > 0 {
		best := near[0]
		if of != "" && !plainName.MatchString(best) {
			return "did you mean " + of + "[" + strconv.Quote(best) + "]?"
		}
		return "did you mean " + best + "?"
	}
	if len(known) == 0 {
		return ""
	}
	const most = 8
	shown := known
	if len(shown) > most {
		shown = shown[:most]
	}
	hint := "known here: " + strings.Join(shown, ", ")
	if len(known) > most {
		hint += ", ..."
	}
	return hint
}

var plainName = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// quoteName writes a member's name in a sentence.
func quoteName(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}
