package expression

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"hooktree/engine"
)

// The budget of one evaluation. What exceeds it fails with an error that says
// so; a step of the engine is never held for longer than some tens of
// milliseconds.
const (
	MaxNodes = 1_000_000 // sub-expressions evaluated: a loop counts its body once an item
	MaxBytes = 16 << 20  // text and lists made
)

// frame is what one evaluation owns: its scope, what it has used of the
// budget, and the machine that runs it.
type frame struct {
	scope engine.Scope
	steps int // that it may use
	nodes int
	bytes int
	depth int    // of the value that is being walked
	seen  []Seen // for Explain
	vm    vm.VM
}

// frames keeps machines for the next evaluation: their stacks are most of what
// a small expression would allocate.
var frames = sync.Pool{New: func() any { return new(frame) }}

// A machine that has grown past these is not kept.
const (
	maxKept  = 1 << 10 // values on its stack
	maxLoops = 8       // loops in one another
)

// execute runs a program in a scope, within a number of steps.
func execute(p *vm.Program, scope engine.Scope, steps int, seen []Seen) (any, error) {
	f := frames.Get().(*frame)
	f.scope, f.steps, f.nodes, f.bytes, f.depth, f.seen = scope, steps, 0, 0, 0, seen
	f.vm.MemoryBudget = MaxNodes
	v, err := f.vm.Run(p, f)
	f.release()
	if err != nil {
		return nil, runFault(err)
	}
	if n, ok := v.(int); ok {
		v = int64(n)
	}
	return v, nil
}

// release hands the machine back with nothing of this evaluation in it.
func (f *frame) release() {
	f.scope, f.seen = nil, nil
	if cap(f.vm.Stack) > maxKept || cap(f.vm.Scopes) > maxLoops || cap(f.vm.Variables) > maxKept {
		return
	}
	clear(f.vm.Stack[:cap(f.vm.Stack)])
	clear(f.vm.Scopes[:cap(f.vm.Scopes)])
	clear(f.vm.Variables)
	frames.Put(f) // a loop's list stays in the machine until the next loop, or until the pool lets go of it
}

// charge counts sub-expressions and bytes.
func (f *frame) charge(nodes, bytes int) *Fault {
	f.nodes += nodes
	f.bytes += bytes
	if nodes < 0 || f.nodes > f.steps {
		return &Fault{
			Message: "the expression takes too long: more than " + thousands(f.steps) + " steps",
			Hint:    "go through fewer items at a time, or use a loop of the tree (each:)",
		}
	}
	if bytes < 0 || f.bytes > MaxBytes {
		return &Fault{
			Message: "the expression makes too much data: more than 16 MB",
			Hint:    "make it in parts, or use a loop of the tree (each:)",
		}
	}
	return nil
}

// thousands writes a number for people: 1,000,000.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// spend counts sub-expressions.
func (f *frame) spend(nodes int) error { return fail(f.charge(nodes, 0)) }

// grow counts bytes.
func (f *frame) grow(bytes int) error { return fail(f.charge(0, bytes)) }

// list counts a list of n items that is about to be made.
func (f *frame) list(n int) error { return fail(f.charge(n, n*16)) }

// fail is the fault as an error; no fault is no error.
func fail(fault *Fault) error {
	if fault == nil {
		return nil
	}
	return fault
}

// maxDepth is how deep values may be nested.
const maxDepth = 1000

// enter counts a level of a value that is being walked; leave it with depth--.
func (f *frame) enter() *Fault {
	f.depth++
	if f.depth > maxDepth {
		return &Fault{Message: "the value is nested deeper than 1,000 levels"}
	}
	return f.charge(1, 0)
}

// runFault words an error of an evaluation.
func runFault(err error) error {
	fe, ok := errors.AsType[*file.Error](err)
	if !ok {
		return &Fault{Message: err.Error()}
	}
	if fault, ok := errors.AsType[*Fault](fe.Prev); ok {
		if fault.Offset == 0 && fault.Length == 0 {
			located := *fault
			located.Offset, located.Length = fe.From, fe.To-fe.From
			return &located
		}
		return fault
	}
	message, hint := panicWords(fe.Message)
	return &Fault{Offset: fe.From, Length: fe.To - fe.From, Message: message, Hint: hint}
}

var (
	badOperator   = regexp.MustCompile(`^invalid operation: (.+?) ([<>=+\-*/%]+) (.+)$`)
	badConversion = regexp.MustCompile(`^interface conversion: interface \{\} is (.+), not (.+)$`)
	badArgument   = regexp.MustCompile(`^(?:invalid argument for|cannot \w+) (.+?) \(type (.+)\)`)
)

// panicWords words what the machine of expr says when it gives up.
func panicWords(message string) (words, hint string) {
	if m := badOperator.FindStringSubmatch(message); m != nil {
		l, r := machineType(m[1]), machineType(m[3])
		if l == "nil" || r == "nil" {
			hint = "give a default: (x ?? 0) " + m[2] + " 1"
		}
		return fmt.Sprintf("%s can't take %s and %s", m[2], l, r), hint
	}
	if m := badConversion.FindStringSubmatch(message); m != nil {
		got, want := machineType(m[1]), machineType(m[2])
		if got == "nil" {
			hint = `give a default: (x ?? "")`
		}
		return "this takes " + want + ", not " + got, hint
	}
	if m := badArgument.FindStringSubmatch(message); m != nil {
		return m[1] + " can't take " + machineType(m[2]), ""
	}
	if strings.Contains(message, "memory budget exceeded") {
		return "the expression makes too much data", "make it in parts, or use a loop of the tree (each:)"
	}
	return plainTypes(message), ""
}

func machineType(name string) string {
	if name == "<nil>" || name == "nil" {
		return "nil"
	}
	return plainType(name)
}
