package expression

import (
	"strconv"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker/nature"
)

// binary checks the operands of an operator.
func (c *check) binary(n *ast.BinaryNode, sink bool) {
	sink = sink && n.Operator == "??"
	c.walk(n.Left, sink)
	c.walk(n.Right, sink)
	l, r := n.Left.Nature(), n.Right.Nature()
	if n.Operator == "??" || isSealed(l) || isSealed(r) || known(n.Nature()) || !known(l) && !known(r) {
		return
	}
	if l.IsFunc() || r.IsFunc() {
		return // a function without its brackets, which has its own fault
	}
	if n.Operator == "matches" && l.IsString() && r.IsString() {
		return // the pattern is wrong, and the checker of expr says why
	}
	if summing(n.Operator) && !(known(l) && known(r)) && sums(l) && sums(r) {
		return // one of them is known only when it runs
	}
	message, hint := c.mismatch(n, l, r)
	c.fault(n, message, hint)
}

func summing(operator string) bool { return operator == "+" || operator == "-" || operator == "*" }

// sums reports whether a nature may stand in a sum.
func sums(n *nature.Nature) bool {
	return !known(n) || n.IsNumber() || n.IsString() || n.IsTime() || n.IsDuration()
}

// mismatch words what is wrong with the operands of an operator.
func (c *check) mismatch(n *ast.BinaryNode, l, r *nature.Nature) (message, hint string) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		wrong := n.Left
		if !known(l) || l.IsBool() {
			wrong = n.Right
		}
		message = c.f.of(wrong) + " is " + word(wrong.Nature()) + ", where true or false is needed"
		if n.Operator == "or" || n.Operator == "||" {
			return message, "for a default write " + c.f.of(n.Left) + " ?? " + c.f.of(n.Right)
		}
		return message, "compare it, as in " + c.f.of(wrong) + " != nil"
	case "==", "!=", "<", ">", "<=", ">=":
		return "this compares " + word(l) + " with " + word(r), c.convert(n, l, r)
	case "in":
		if r.IsString() {
			return "in looks in lists and maps, not in text", "write " + c.f.of(n.Right) + " contains " + c.f.of(n.Left)
		}
		return word(l) + " can't be in " + word(r), ""
	case "contains", "startsWith", "endsWith", "matches":
		if r.IsString() && l.IsArray() {
			return n.Operator + " looks in text, not in a list", "write " + c.f.of(n.Right) + " in " + c.f.of(n.Left)
		}
		return n.Operator + " takes text on both sides, not " + word(l) + " and " + word(r), ""
	case "+":
		if l.IsString() || r.IsString() {
			return "text is joined with text, not with " + word(other(l, r)), c.convert(n, l, r)
		}
	case "%":
		return "% takes integers, not " + word(l) + " and " + word(r), "write int(x) % 2"
	case "..":
		return "a range goes from one integer to another", "write 1..len(x)"
	}
	return n.Operator + " can't take " + word(l) + " and " + word(r), ""
}

func other(l, r *nature.Nature) *nature.Nature {
	if l.IsString() {
		return r
	}
	return l
}

// convert says how to bring text and a number together.
func (c *check) convert(n *ast.BinaryNode, l, r *nature.Nature) string {
	text, number := n.Left, n.Right
	if r.IsString() {
		text, number = n.Right, n.Left
	}
	if !l.IsString() && !r.IsString() || !number.Nature().IsNumber() {
		return ""
	}
	if n.Operator == "+" {
		return "write string(" + c.f.of(number) + ")"
	}
	if literal, ok := text.(*ast.StringNode); ok {
		if _, err := strconv.ParseFloat(literal.Value, 64); err == nil {
			return "write " + literal.Value + " without quotes"
		}
		return ""
	}
	return "write float(" + c.f.of(text) + ")"
}
