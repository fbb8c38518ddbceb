package engine

import (
	"fmt"
	"strconv"
	"strings"
)

// Place tells the executions of one node apart: the loop items, updates and
// visits that it stands in, outermost first. The top of a run is "". Marks are
// written `loop[3]` (item, counted from zero as `index` is), `node+2` (update)
// and `node~2` (visit), joined by "/".
type Place string

// MarkKind says what moved an execution to a place of its own.
type MarkKind byte

// The kinds of marks.
const (
	MarkItem   MarkKind = '['
	MarkUpdate MarkKind = '+'
	MarkVisit  MarkKind = '~'
)

// Mark is one step of a place.
type Mark struct {
	Kind   MarkKind
	Node   NodeID
	Number int // items count from zero, updates and visits from one
}

// String writes the mark as a place holds it.
func (m Mark) String() string {
	text := string(m.Node) + string(rune(m.Kind)) + strconv.Itoa(m.Number)
	if m.Kind == MarkItem {
		text += "]"
	}
	return text
}

// Item is the place of an item of a loop that stands in p.
func (p Place) Item(loop NodeID, index int) Place {
	return p.with(Mark{Kind: MarkItem, Node: loop, Number: index})
}

// Update is the place of what follows the n-th update of a node in p.
func (p Place) Update(node NodeID, n int) Place {
	return p.with(Mark{Kind: MarkUpdate, Node: node, Number: n})
}

// Visit is the place of the n-th arrival at a join in p that runs for each.
func (p Place) Visit(node NodeID, n int) Place {
	return p.with(Mark{Kind: MarkVisit, Node: node, Number: n})
}

func (p Place) with(m Mark) Place {
	if p == "" {
		return Place(m.String())
	}
	return p + "/" + Place(m.String())
}

// Parent is the place around p; the top is its own parent.
func (p Place) Parent() Place {
	cut := strings.LastIndexByte(string(p), '/')
	if cut < 0 {
		return ""
	}
	return p[:cut]
}

// Last is the innermost mark of p, and false at the top.
func (p Place) Last() (Mark, bool) {
	text := string(p[strings.LastIndexByte(string(p), '/')+1:])
	mark, err := parseMark(text)
	return mark, err == nil
}

// Within reports whether p is q or lies inside it.
func (p Place) Within(q Place) bool {
	if !strings.HasPrefix(string(p), string(q)) {
		return false
	}
	return q == "" || len(p) == len(q) || p[len(q)] == '/'
}

// item is the innermost place around p, or p itself, that is a loop's item.
func (p Place) item() (Place, Mark, bool) {
	for p != "" {
		if mark, ok := p.Last(); ok && mark.Kind == MarkItem {
			return p, mark, true
		}
		p = p.Parent()
	}
	return "", Mark{}, false
}

// ParsePlace reads a place from outside and gives its marks, outermost first.
func ParsePlace(text string) ([]Mark, error) {
	if text == "" {
		return nil, nil
	}
	var marks []Mark
	for part := range strings.SplitSeq(text, "/") {
		mark, err := parseMark(part)
		if err != nil {
			return nil, fmt.Errorf("place %q: %w", text, err)
		}
		marks = append(marks, mark)
	}
	return marks, nil
}

func parseMark(text string) (Mark, error) {
	at := strings.IndexAny(text, "[+~")
	if at < 1 {
		return Mark{}, fmt.Errorf("mark %q is none of node[0], node+1 and node~1", text)
	}
	mark := Mark{Kind: MarkKind(text[at]), Node: NodeID(text[:at])}
	digits := text[at+1:]
	if mark.Kind == MarkItem {
		inner, ok := strings.CutSuffix(digits, "]")
		if !ok {
			return Mark{}, fmt.Errorf("mark %q lacks its closing bracket", text)
		}
		digits = inner
	}
	number, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return Mark{}, fmt.Errorf("mark %q counts by %q, which is no number", text, digits)
	}
	mark.Number = int(number)
	if mark.String() != text {
		return Mark{}, fmt.Errorf("mark %q is not written as %q", text, mark)
	}
	return mark, nil
}
