package expression

import (
	"slices"
	"strings"
)

// Template compiles text in which `${ }` holds expressions. Exactly one `${ }`
// and nothing else keeps its native type; otherwise the parts are joined as
// text, to an [engine.Sealed] where one of them is a secret. `$${` is a
// literal `${`. The error is [Faults], in bytes of the text.
func Template(text string, env *Env) (Expr, error) {
	parts, faults := split(text)
	p := &program{text: text, env: env, parts: parts}
	if faults = append(faults, p.check()...); len(faults) > 0 {
		slices.SortStableFunc(faults, func(a, b *Fault) int { return a.Offset - b.Offset })
		return nil, faults
	}
	if len(parts) == 0 || len(parts) == 1 && parts[0].f == nil {
		plain := ""
		if len(parts) == 1 {
			plain = parts[0].literal
		}
		return written{literal: literal{plain}, text: text}, nil
	}
	return p.build()
}

// written is a template without expressions.
type written struct {
	literal
	text string
}

// String gives the text with its `$${`.
func (w written) String() string { return w.text }

// split takes a template apart.
func split(text string) ([]part, Faults) {
	var parts []part
	var faults Faults
	literal := func(s string, from int) {
		if s == "" {
			return
		}
		if last := len(parts) - 1; last >= 0 && parts[last].f == nil {
			parts[last].literal += s
			parts[last].at.to = from + len(s)
			return
		}
		parts = append(parts, part{literal: s, at: span{from, from + len(s)}})
	}
	for at := 0; at < len(text); {
		open := strings.Index(text[at:], "${")
		if open < 0 {
			literal(text[at:], at)
			break
		}
		open += at
		if open > at && text[open-1] == '$' {
			literal(text[at:open-1]+"${", at)
			at = open + 2
			continue
		}
		literal(text[at:open], at)
		end := closeBrace(text, open+2)
		if end < 0 {
			return parts, append(faults, &Fault{
				Offset: open, Length: len(text) - open,
				Message: "this ${ is not closed", Hint: "close it with }, or write $${ for the characters themselves",
			})
		}
		f, fault := parse(text[open+2:end], open+2)
		if fault != nil {
			faults = append(faults, fault)
		} else {
			parts = append(parts, part{f: f, at: span{open, end + 1}})
		}
		at = end + 1
	}
	return parts, faults
}

// closeBrace finds the brace that closes an expression, past those in its own
// maps and texts. It is -1 where there is none.
func closeBrace(text string, from int) int {
	depth := 0
	for i := from; i < len(text); i++ {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return i
			}
			depth--
		case '"', '\'', '`':
			i = closeQuote(text, i)
		}
	}
	return -1
}

// closeQuote finds the end of a text in quotes that begins at i.
func closeQuote(text string, i int) int {
	quote := text[i]
	for j := i + 1; j < len(text); j++ {
		switch {
		case text[j] == '\\' && quote != '`':
			j++
		case text[j] == quote:
			return j
		}
	}
	return len(text)
}
