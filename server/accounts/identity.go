package accounts

// Identity is who sends a request. The zero value is somebody unknown, who may
// only do what is public.
type Identity struct {
	Name       string // of the user or the token
	Role       Role
	Credential string // stable: "user:NAME", "token:ID" or "client:ID"; the scope of dedupe keys
	Session    bool   // signed in by a cookie
	Dialect    string // of a REST-hook token: "actionstep", "keap", "accelo", "standard"; empty for others
	Owner      Owner  // whom a REST-hook token stands for
}

// Known reports whether somebody has signed in.
func (i Identity) Known() bool { return i.Credential != "" }

// Foreign reports whether it is of a vendor's dialect, whose tokens open that
// dialect's API and nothing else. The standard dialect is hooktree's own.
func (i Identity) Foreign() bool { return i.Dialect != "" && i.Dialect != "standard" }

// Owner is the person at a REST-hook client for whom a token was made, as the
// vendors' APIs show it.
type Owner struct {
	ID    int64  `json:"id"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}
