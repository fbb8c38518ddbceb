package expression

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"
)

// MaxText is how long one expression may be, in bytes. The parser recurses, so
// this bounds its stack too.
const MaxText = 16 << 10

// maxSyntax is how many nodes the syntax tree of one expression may have.
const maxSyntax = 4000

// span is a stretch of text in bytes.
type span struct{ from, to int }

// fragment is one expression in a text: all of a bare one, or what stands
// between `${` and `}` in a template.
type fragment struct {
	text  string // the expression alone
	base  int    // its offset in the whole text
	root  ast.Node
	spans map[ast.Node]span // of every node, in bytes of the whole text

	tokens []lexer.Token
	index  map[int]int // token by the rune it begins at
	bytes  []int       // byte offset by rune; nil when they are the same
}

// parse reads one expression. Its error is one fault with a hint.
func parse(text string, base int) (*fragment, *Fault) {
	f := &fragment{text: text, base: base}
	if len(text) > MaxText {
		return nil, &Fault{
			Offset: base, Length: len(text),
			Message: "the expression is longer than 16 kB",
			Hint:    "compute parts of it in nodes of their own",
		}
	}
	if !utf8.ValidString(text) {
		return nil, &Fault{Offset: base, Length: len(text), Message: "the expression is not UTF-8", Hint: "save the file as UTF-8"}
	}
	f.measure()
	if len(f.tokens) <= 1 && f.lexes() {
		return nil, &Fault{Offset: base, Length: len(text), Message: "there is no expression here", Hint: "write one, such as values.Name"}
	}
	config := conf.CreateNew()
	config.Functions = functions
	config.MaxNodes = maxSyntax
	tree, err := parser.ParseWithConfig(text, config)
	if err != nil {
		return nil, f.syntaxFault(err)
	}
	f.root = tree.Node
	if unfolded(f.root) > 2*maxSyntax {
		return nil, &Fault{
			Offset: base, Length: len(text),
			Message: "comparisons such as 1 < x < 3 stand too deep in one another",
			Hint:    "write 1 < x and x < 3",
		}
	}
	f.spans = make(map[ast.Node]span)
	f.measureNodes()
	f.root = f.desugar(f.root)
	return f, nil
}

// measure splits the text into tokens and learns where runes begin.
func (f *fragment) measure() {
	if len(f.text) != utf8.RuneCountInString(f.text) {
		for i := range f.text {
			f.bytes = append(f.bytes, i)
		}
		f.bytes = append(f.bytes, len(f.text))
	}
	f.tokens, _ = lexer.Lex(file.NewSource(f.text)) // the parser reports the error
	f.index = make(map[int]int, len(f.tokens))
	for i, t := range f.tokens {
		if t.Kind != lexer.EOF {
			f.index[t.From] = i
		}
	}
}

func (f *fragment) lexes() bool { return f.tokens != nil }

// byteAt turns an offset in runes of the expression into one in bytes of the
// whole text, never past the expression's end.
func (f *fragment) byteAt(r int) int {
	switch {
	case r < 0:
		r = 0
	case f.bytes != nil:
		r = f.bytes[min(r, len(f.bytes)-1)]
	}
	return f.base + min(r, len(f.text))
}

// fault is a fault at a node.
func (f *fragment) fault(n ast.Node, message, hint string) *Fault {
	return f.faultAt(f.spans[n], message, hint)
}

func (f *fragment) faultAt(s span, message, hint string) *Fault {
	return &Fault{Offset: s.from, Length: s.to - s.from, Message: message, Hint: hint}
}

// of is the text of a node as the author wrote it.
func (f *fragment) of(n ast.Node) string {
	s := f.spans[n]
	return f.text[s.from-f.base : s.to-f.base]
}

// locate gives the bytes that an error of expr points at.
func (f *fragment) locate(err error) (span, string) {
	if fe, ok := errors.AsType[*file.Error](err); ok {
		s := span{f.byteAt(fe.From), f.byteAt(fe.To)}
		if strings.Contains(fe.Message, "token EOF") {
			s.from = s.to
		}
		return span{s.from, max(s.from, s.to)}, fe.Message
	}
	return span{f.base, f.base + len(f.text)}, err.Error()
}
