package expression

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"hooktree/engine"
)

// typeFault words the first error of expr's checker. It is nil for one that
// the walk has judged already.
func (f *fragment) typeFault(err error) *Fault {
	at, message := f.locate(err)
	at = f.widen(at)
	if strings.HasPrefix(message, "unknown field") {
		return nil
	}
	for _, p := range phrases {
		if m := p.pattern.FindStringSubmatch(message); m != nil {
			text := p.text
			for i := len(m) - 1; i > 0; i-- {
				text = strings.ReplaceAll(text, "$"+strconv.Itoa(i), plainType(m[i]))
			}
			return f.faultAt(at, text, p.hint)
		}
	}
	return f.faultAt(at, plainTypes(message), "")
}

// widen gives the whole sub-expression that a token of an error stands for.
func (f *fragment) widen(at span) span {
	widest := at
	for n, s := range f.spans {
		_, isLet := n.(*ast.VariableDeclaratorNode)
		if !isLet && f.byteAt(n.Location().From) == at.from && s.to-s.from > widest.to-widest.from {
			widest = s
		}
	}
	return widest
}

// phrases word what expr's checker says about calls.
var phrases = []struct {
	pattern    *regexp.Regexp
	text, hint string
}{
	{regexp.MustCompile(`^cannot use (.+) as argument \(type (.+)\) to call \.?(\w+)`), "$3 takes $2 here, not $1", ""},
	{regexp.MustCompile(`^cannot use nil as argument \(type (.+)\) to call \.?(\w+)`), "$2 takes $1 here, not nil", ""},
	{regexp.MustCompile(`^not enough arguments to call \.?(\w+)`), "$1 needs more arguments", ""},
	{regexp.MustCompile(`^too many arguments to call \.?(\w+)`), "$1 takes fewer arguments", ""},
	{regexp.MustCompile(`^builtin (\w+) takes only array \(got (.+)\)`), "$1 goes through a list, not through $2", "for a map: toPairs(x)"},
	{regexp.MustCompile(`^predicate should return boolean \(got (.+)\)`), "the condition is $1, where true or false is needed", "compare it, as in .size > 1"},
	{regexp.MustCompile(`^predicate should has`), "the condition has no value", "write what each item is asked, as in .size > 1"},
	{regexp.MustCompile(`^invalid number of arguments \(expected (.+), got (.+)\)`), "this takes $1 arguments, not $2", ""},
	{regexp.MustCompile(`^invalid argument for (\w+) \(type (.+)\)`), "$1 can't take $2", ""},
	{regexp.MustCompile(`^cannot use pointer accessor outside`), "# is the item inside filter, map, all and the like", ""},
	{regexp.MustCompile(`^cannot redeclare (?:variable |function |builtin )?(.+)$`), "$1 has a meaning already", "choose another name"},
	{regexp.MustCompile(`^error parsing regexp: (.+)$`), "the pattern is not a regular expression: $1", "the syntax is RE2's"},
	{regexp.MustCompile(`^cannot use (.+) as type (.+) in (?:array|map key)`), "$1 can't be in a list of $2", ""},
	{regexp.MustCompile(`^cannot slice (.+)$`), "only lists and texts have a part [from:to], not $1", ""},
	{regexp.MustCompile(`^non-integer slice index (.+)$`), "a part is cut at integers, not at $1", ""},
	{regexp.MustCompile(`^unknown pointer #(.+)$`), "there is no #$1 here", "#index is known in map, #acc in reduce"},
}

// goTypes are Go's names for what flows through a tree.
var goTypes = regexp.MustCompile(`map\[(?:string|interface \{\})\](?:interface \{\}|\[\]interface \{\}|any)|\[\](?:interface \{\}|any|string|int)|` +
	`interface \{\}|\bany\b|time\.Time|time\.Duration|engine\.Sealed|float64|int64|\bint\b|\bstring\b|\bbool\b|unknown`)

func plainTypes(text string) string { return goTypes.ReplaceAllStringFunc(text, plainType) }

func plainType(name string) string {
	switch name {
	case "string":
		return engine.KindText.Noun()
	case "int", "int64":
		return engine.KindInteger.Noun()
	case "float64":
		return engine.KindNumber.Noun()
	case "bool":
		return engine.KindBool.Noun()
	case "time.Time":
		return engine.KindTime.Noun()
	case "time.Duration":
		return engine.KindDuration.Noun()
	case "engine.Sealed":
		return "a secret"
	case "interface {}", "any", "unknown":
		return engine.KindAny.Noun()
	}
	switch {
	case strings.HasPrefix(name, "map["):
		return engine.KindMap.Noun()
	case strings.HasPrefix(name, "[]"):
		return engine.KindList.Noun()
	}
	return name
}
