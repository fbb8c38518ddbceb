package kinetic

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The bounds of one expression.
const (
	maxText  = 8 << 10 // bytes
	maxDepth = 50      // of nesting
)

// holders are the names that an expression may ask, as functions or objects.
var holders = []string{
	"changes", "discussion", "event", "form", "identity", "invitation", "invitee", "kapp", "membership",
	"previous", "recipient", "space", "submission", "team", "user", "values",
}

// parser reads an expression by precedence climbing.
type parser struct {
	lex   lexer
	tok   token
	depth int
}

// parseFilter reads a whole text as one expression.
func parseFilter(text string) (node, *Fault) {
	p := &parser{lex: lexer{text: text}}
	n, fault := p.expression()
	if fault == nil && p.tok.kind != tokenEnd {
		fault = p.unexpected("an operator")
	}
	if fault != nil {
		return nil, fault
	}
	return n, nil
}

// parsePiece reads the expression that begins behind `${` and gives where the
// text goes on behind its `}`.
func parsePiece(text string, start int) (node, int, *Fault) {
	p := &parser{lex: lexer{text: text, at: start}}
	n, fault := p.expression()
	if fault == nil && !p.is("}") {
		fault = p.unexpected("the closing brace")
	}
	if fault != nil {
		return nil, 0, fault
	}
	return n, p.tok.end, nil
}

func (p *parser) expression() (node, *Fault) {
	if fault := p.advance(); fault != nil {
		return nil, fault
	}
	return p.conditional()
}

func (p *parser) advance() *Fault {
	tok, fault := p.lex.next()
	p.tok = tok
	return fault
}

func (p *parser) is(sign string) bool { return p.tok.kind == tokenSign && p.tok.value == sign }

// expect takes one sign.
func (p *parser) expect(sign, what string) *Fault {
	if !p.is(sign) {
		return p.unexpected(what)
	}
	return p.advance()
}

func (p *parser) unexpected(want string) *Fault {
	if p.tok.kind == tokenEnd {
		return &Fault{Offset: len(p.lex.text), Length: 1, Message: "the expression ends where " + want + " should be"}
	}
	got := p.lex.text[p.tok.start:p.tok.end]
	return &Fault{Offset: p.tok.start, Length: p.tok.end - p.tok.start, Message: fmt.Sprintf("%s stands where %s should be", got, want)}
}

func (p *parser) deeper() *Fault {
	if p.depth++; p.depth > maxDepth {
		return &Fault{Offset: p.tok.start, Length: 1, Message: fmt.Sprintf("the expression nests deeper than %d levels", maxDepth)}
	}
	return nil
}

// conditional reads `a ? b : c` and everything that binds tighter.
func (p *parser) conditional() (node, *Fault) {
	if fault := p.deeper(); fault != nil {
		return nil, fault
	}
	defer func() { p.depth-- }()
	cond, fault := p.binary(0)
	if fault != nil || !p.is("?") {
		return cond, fault
	}
	if fault := p.advance(); fault != nil {
		return nil, fault
	}
	then, fault := p.conditional()
	if fault != nil {
		return nil, fault
	}
	if fault := p.expect(":", "the colon of ? :"); fault != nil {
		return nil, fault
	}
	other, fault := p.conditional()
	if fault != nil {
		return nil, fault
	}
	return &choice{place{cond.where().start, other.where().end}, cond, then, other}, nil
}

// levels are the binary operators, loosest first.
var levels = [][]string{
	{"||", "??"}, {"&&"}, {"===", "!==", "==", "!="}, {"<", ">", "<=", ">="}, {"+", "-"}, {"*", "/", "%"},
}

func (p *parser) binary(level int) (node, *Fault) {
	if level == len(levels) {
		return p.unary()
	}
	left, fault := p.binary(level + 1)
	for fault == nil && p.tok.kind == tokenSign && slices.Contains(levels[level], p.tok.value) {
		op := p.tok.value
		if fault = p.advance(); fault != nil {
			break
		}
		var right node
		if right, fault = p.binary(level + 1); fault == nil {
			left = &binary{place{left.where().start, right.where().end}, op, left, right}
		}
	}
	if fault != nil {
		return nil, fault
	}
	return left, nil
}

func (p *parser) unary() (node, *Fault) {
	if !p.is("!") && !p.is("-") && !p.is("+") {
		return p.postfix()
	}
	if fault := p.deeper(); fault != nil {
		return nil, fault
	}
	defer func() { p.depth-- }()
	op, start := p.tok.value, p.tok.start
	if fault := p.advance(); fault != nil {
		return nil, fault
	}
	x, fault := p.unary()
	if fault != nil {
		return nil, fault
	}
	return &unary{place{start, x.where().end}, op, x}, nil
}

// postfix reads a value and the members asked of it: `.x`, `.f()`, `[i]`.
func (p *parser) postfix() (node, *Fault) {
	n, fault := p.primary()
	for fault == nil {
		switch {
		case p.is("."):
			n, fault = p.member(n)
		case p.is("["):
			n, fault = p.index(n)
		default:
			return n, nil
		}
	}
	return nil, fault
}

func (p *parser) member(of node) (node, *Fault) {
	if fault := p.advance(); fault != nil {
		return nil, fault
	}
	if p.tok.kind != tokenName {
		return nil, p.unexpected("a member's name")
	}
	name := p.tok
	if fault := p.advance(); fault != nil {
		return nil, fault
	}
	if !p.is("(") {
		return &property{place{of.where().start, name.end}, of, name.value}, nil
	}
	m, ok := methods[name.value]
	if !ok {
		return nil, &Fault{Offset: name.start, Length: name.end - name.start, Message: "there is no method ." + name.value + "()", Hint: "known are " + knownMethods()}
	}
	args, end, fault := p.arguments()
	if fault != nil {
		return nil, fault
	}
	if len(args) < m.least || len(args) > m.most {
		return nil, &Fault{Offset: name.start, Length: end - name.start, Message: fmt.Sprintf(".%s() takes %s, not %d", name.value, m.takes(), len(args))}
	}
	return &call{place{of.where().start, end}, of, name.value, m, args}, nil
}

func (p *parser) index(of node) (node, *Fault) {
	if fault := p.advance(); fault != nil {
		return nil, fault
	}
	at, fault := p.conditional()
	if fault != nil {
		return nil, fault
	}
	end := p.tok.end
	if fault := p.expect("]", "the closing bracket"); fault != nil {
		return nil, fault
	}
	return &element{place{of.where().start, end}, of, at}, nil
}

// arguments reads `(a, b)` and gives where it ends.
func (p *parser) arguments() ([]node, int, *Fault) {
	if fault := p.advance(); fault != nil {
		return nil, 0, fault
	}
	var args []node
	for !p.is(")") {
		if len(args) > 0 {
			if fault := p.expect(",", "a comma or the closing parenthesis"); fault != nil {
				return nil, 0, fault
			}
		}
		arg, fault := p.conditional()
		if fault != nil {
			return nil, 0, fault
		}
		args = append(args, arg)
	}
	end := p.tok.end
	return args, end, p.advance()
}

func (p *parser) primary() (node, *Fault) {
	tok := p.tok
	at := place{tok.start, tok.end}
	switch {
	case tok.kind == tokenName:
		return p.name()
	case tok.kind == tokenText:
		return &constant{at, tok.value}, p.advance()
	case tok.kind == tokenNumber:
		return &constant{at, number(tok.value)}, p.advance()
	case p.is("("):
		if fault := p.advance(); fault != nil {
			return nil, fault
		}
		n, fault := p.conditional()
		if fault != nil {
			return nil, fault
		}
		return n, p.expect(")", "the closing parenthesis")
	default:
		return nil, p.unexpected("a value")
	}
}

func number(digits string) any {
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(digits, 64) // the lexer let only digits and one point through; too many of them are infinite
	return f
}

// name reads a literal's name, a holder, or a holder asked as a function.
func (p *parser) name() (node, *Fault) {
	tok := p.tok
	at := place{tok.start, tok.end}
	if value, ok := map[string]any{"true": true, "false": false, "null": nil, "undefined": nil}[tok.value]; ok {
		return &constant{at, value}, p.advance()
	}
	if !slices.Contains(holders, tok.value) {
		return nil, &Fault{Offset: tok.start, Length: tok.end - tok.start, Message: "there is no " + tok.value + " here", Hint: "known are " + strings.Join(holders, ", ")}
	}
	if fault := p.advance(); fault != nil {
		return nil, fault
	}
	if !p.is("(") {
		return &holder{at, tok.value}, nil
	}
	args, end, fault := p.arguments()
	if fault != nil {
		return nil, fault
	}
	at.end = end
	if len(args) == 0 {
		return &holder{at, tok.value}, nil
	}
	key, ok := args[0].(*constant)
	text, isText := "", false
	if ok {
		text, isText = key.value.(string)
	}
	if len(args) > 1 || !isText {
		return nil, &Fault{Offset: tok.start, Length: end - tok.start, Message: tok.value + "() takes one text in quotes", Hint: "such as " + tok.value + "('slug')"}
	}
	return newLookup(at, tok.value, text), nil
}
