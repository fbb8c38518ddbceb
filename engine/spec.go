package engine

// Spec declares what a handler takes and gives. It feeds the checks, the
// editor's schema, the docs and the UI's forms; it is part of a tree's hash.
type Spec struct {
	Name    string   `json:"name"` // what `do:` names
	Help    string   `json:"help"` // one sentence
	Params  []Param  `json:"params"`
	Results []Result `json:"results"`
	Errors  []Class  `json:"errors,omitempty"`

	// Pure computes the results from the parameters alone. A handler that has
	// it is walked inside the step; one without it becomes a Call command.
	// It must be deterministic and must not keep or change its argument.
	Pure func(params map[string]any) (map[string]any, error) `json:"-"`
}

// Param is one parameter of a handler.
type Param struct {
	Name     string `json:"name"`
	Type     Type   `json:"type"`
	Required bool   `json:"required,omitempty"`
	Secret   bool   `json:"secret,omitempty"` // may hold a secret; masked wherever it is shown
	Default  any    `json:"default,omitempty"`
	Enum     []any  `json:"enum,omitempty"`
	Help     string `json:"help"`
	Open     bool   `json:"open,omitempty"` // stands for any further name (handlers such as set)
}

// Result is one member of what a handler gives.
type Result struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
	Help string `json:"help"`
}

// Class is one kind of failure of a handler.
type Class struct {
	Code      string `json:"code"`
	Retryable bool   `json:"retryable"`
	Help      string `json:"help"`
}

// Kind is the kind of a value that flows through a tree.
type Kind string

// The kinds. KindAny is what nothing is known of.
const (
	KindAny      Kind = "any"
	KindBool     Kind = "boolean"
	KindInteger  Kind = "integer" // int64
	KindNumber   Kind = "number"  // float64 or int64
	KindText     Kind = "text"
	KindTime     Kind = "time"
	KindDuration Kind = "duration"
	KindList     Kind = "list"
	KindMap      Kind = "map"    // any names, values of one type
	KindRecord   Kind = "record" // the declared names and no others
)

// Noun names the kind in a sentence: "an integer". What is unknown is "any
// value".
func (k Kind) Noun() string {
	switch k {
	case KindBool:
		return "true or false"
	case KindInteger:
		return "an integer"
	case KindNumber:
		return "a number"
	case KindText:
		return "text"
	case KindTime:
		return "a time"
	case KindDuration:
		return "a duration"
	case KindList:
		return "a list"
	case KindMap, KindRecord:
		return "a map"
	case KindAny:
	}
	return "any value"
}

// Type describes a value for checks before a run and for editors.
type Type struct {
	Kind   Kind            `json:"kind"`
	Elem   *Type           `json:"elem,omitempty"`   // of a list or map; nil is any
	Fields map[string]Type `json:"fields,omitempty"` // of a record
}
