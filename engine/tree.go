package engine

import "time"

// NodeID names a node; it is unique in its tree.
type NodeID string

// Start is the node that every tree has and no author writes: the place where
// a run begins.
const Start NodeID = "start"

// Title names a tree: Source :: Group :: Name.
type Title struct {
	Source string `json:"source"`
	Group  string `json:"group"`
	Name   string `json:"name"`
}

// String renders the title in Kinetic's form.
func (t Title) String() string { return t.Source + " :: " + t.Group + " :: " + t.Name }

// Tree is one version of a workflow, checked and compiled. [NewTree] makes the
// one that Step walks; from then on it is immutable.
type Tree struct {
	Title   Title
	Hash    string // content hash of this version: YAML, language version, routine versions, handler specs
	Routine bool   // called by other trees; never fired by an event's path
	Inputs  []Input
	Outputs []Output // values taken when a run completes without a return
	Nodes   []Node   // in the order of the text; the nodes of a loop's body follow their loop

	index *index
}

// Input is one declared input of a routine.
type Input struct {
	Name     string
	Required bool
	Default  Expr // nil when there is none
}

// Output is one declared output of a routine that returns no value of its own.
type Output struct {
	Name  string
	Value Expr // nil when only the name is declared
}

// Node is one step of a tree. Exactly one of Handler, Routine, Loop (with a
// body), Wait, Return and Reply is set; a node with none of them is a waypoint.
type Node struct {
	ID    NodeID
	Name  string // what people see; the ID when the author gave none
	Note  string
	Block NodeID // the loop whose body holds this node; empty at the top of the tree

	In     []Connector // ways in, in the order of the text; empty and not Parked cannot be
	Parked bool        // `after: []`: never runs
	Join   Join        // the zero value for a node with one way in
	When   Expr        // false passes over this node alone; nil is true

	Handler *Handler // do:
	Routine *Routine // routine:
	Loop    *Loop    // each: or until:, beside Handler or Routine, or with a body of its own
	Wait    *Wait    // wait:
	Return  Expr     // return:
	Reply   Expr     // reply: a mapping of status, headers and body
	Defer   *Defer   // defer:

	With    Expr          // the parameters, a mapping; nil when there are none
	Retry   Retry         // the zero value never retries
	Timeout time.Duration // longest time of one attempt; zero means the handler's own
	Message Message       // what the task shows
	End     bool          // completing this node completes the run
}

// Does says in one word what the node does: the name of its handler, or the
// language's word for it.
func (n *Node) Does() string {
	switch {
	case n.Handler != nil && n.Handler.Spec != nil:
		return n.Handler.Spec.Name
	case n.Routine != nil:
		return "routine"
	case n.Loop != nil:
		return "loop"
	case n.Wait != nil:
		return "wait"
	case n.Return != nil:
		return "return"
	case n.Reply != nil:
		return "reply"
	case n.Defer != nil:
		return "defer"
	default:
		return "waypoint"
	}
}

// Connector is one way into a node. In the body of a loop, Start is the start
// of each item.
type Connector struct {
	From  NodeID
	On    On
	When  Expr   // nil is true
	Label string // for people
	Line  bool   // the unwritten connector to the node above on the line
}

// On says which moment of the node before lets a connector fire.
type On string

// The moments. Start has only Complete.
const (
	OnComplete On = "complete"
	OnCreated  On = "created" // its first wait has begun
	OnUpdated  On = "updated" // its token was updated
	OnFailed   On = "failed"
)

// JoinMode says when arrivals by several connectors run a node.
type JoinMode string

// The modes. JoinNone is that of a node with a single way in.
const (
	JoinNone    JoinMode = ""
	JoinAny     JoinMode = "any"
	JoinAll     JoinMode = "all"
	JoinSome    JoinMode = "some"    // Count arrivals
	JoinEach    JoinMode = "each"    // every arrival is a visit of its own
	JoinSettled JoinMode = "settled" // nothing between Ancestor and here can still arrive
)

// Join is how several ways into one node are counted.
type Join struct {
	Mode     JoinMode
	Count    int      // for JoinSome
	Ancestor NodeID   // for JoinSettled: the nearest node through which every way leads here
	Between  []NodeID // for JoinSettled: the nodes from Ancestor to here, both left out
}

// Handler is a call of something that acts or computes.
type Handler struct {
	Spec *Spec
}

// Routine is a call of another tree.
type Routine struct {
	Title  Title
	Hash   string // the version the caller was compiled against
	Detach bool   // do not wait; the result is {run}
}

// Loop repeats a node or its body.
type Loop struct {
	Each     Expr   // the list; nil for an until loop
	As       string // name of the item in scope
	Parallel int    // items at a time; zero means all, of which MaxItems at a time
	Need     int    // items after which the rest is cancelled; zero means all
	Until    Expr   // repeat until it holds
	Max      int    // most rounds of an until loop
	Body     []NodeID
}

// Wait is a pause. Exactly one of For and Until is set.
type Wait struct {
	For   Expr // a duration: a time.Duration or text such as "2d"
	Until Expr // a time: a time.Time or RFC 3339 text
}

// Defer makes a node wait for its token after its handler's call succeeded.
type Defer struct {
	Timeout Expr // nil waits for ever
	Else    Expr // result at the time-out; nil makes the time-out an error
}

// Message holds what a task shows at its moments; nil shows nothing.
type Message struct {
	Created, Updated, Completed Expr
}
