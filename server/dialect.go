package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"hooktree/webhooks/subscription"
)

// Dialect is a way of REST hooks, as the API shows it: what somebody needs who
// points an application here.
type Dialect struct {
	Name     string `json:"name" doc:"In tokens, settings and names of subscriptions"`
	Title    string `json:"title" doc:"For people"`
	Address  string `json:"address" doc:"Where its applications subscribe"`
	Token    string `json:"token" doc:"Command that makes a token of it, on the machine of the server"`
	Curl     string `json:"curl" doc:"A first subscription, as a command that reads the token from $TOKEN"`
	Confirms bool   `json:"confirms" doc:"An endpoint is delivered nothing before it has confirmed"`
	Signs    bool   `json:"signs" doc:"The answer to a first subscription has the secret that signs its deliveries"`
}

func newDialect(d *subscription.Dialect, origin string) Dialect {
	traits := d.New(d.Defaults()).Traits()
	return Dialect{
		Name: d.Name, Title: d.Title, Address: origin + d.Address(), Token: d.TokenCommand(), Curl: d.Curl(origin),
		Confirms: traits.Handshake, Signs: traits.NewSecret,
	}
}

type dialectsTold struct {
	Body struct {
		Dialects []Dialect `json:"dialects"`
	}
}

func (s *Server) listDialects(ctx context.Context, _ *struct{}) (*dialectsTold, error) {
	origin := requestOf(ctx).Origin
	out := &dialectsTold{}
	out.Body.Dialects = []Dialect{}
	for i := range s.services.Dialects {
		out.Body.Dialects = append(out.Body.Dialects, newDialect(&s.services.Dialects[i], origin))
	}
	return out, nil
}

// knownDialect refuses a name that is no dialect's; none is no name.
func (s *Server) knownDialect(name string) error {
	var names []string
	for i := range s.services.Dialects {
		names = append(names, s.services.Dialects[i].Name)
	}
	if name == "" || slices.Contains(names, name) {
		return nil
	}
	message := fmt.Sprintf("%q is no dialect of REST hooks; give one of %s", clip(name), strings.Join(names, ", "))
	p := newProblem(http.StatusUnprocessableEntity, "invalid", message)
	p.Errors = []Detail{{Location: "body/dialect", Message: message}}
	return p
}
