package webhooks

import "fmt"

// Dialect compiles a definition of the space (kapp is empty) or of a kapp from
// its text. The error says everything that is wrong with it.
type Dialect func(source []byte, kapp string) (Webhook, error)

// Dialect is that of our own language, whose definitions name their kapp
// themselves.
func (r Reader) Dialect(source []byte, kapp string) (Webhook, error) {
	w, faults := r.Read(source)
	switch {
	case len(faults.Fatal()) > 0:
		return Webhook{}, faults.Fatal()
	case w.Kapp != kapp && kapp != "":
		return Webhook{}, fmt.Errorf("the webhook %q names the kapp %q, and is kept for %q", w.Name, w.Kapp, kapp)
	}
	return w, nil
}

// Unreadable is a kept webhook that no longer compiles, because its dialect,
// the space or the catalogue has changed since.
type Unreadable struct {
	Record Record
	Err    error
}

func (u Unreadable) Error() string {
	return fmt.Sprintf("webhook %q: %v", u.Record.Name, u.Err)
}

// Unwrap lets [errors.As] reach the faults.
func (u Unreadable) Unwrap() error { return u.Err }

// Compile compiles kept webhooks, each by the dialect that it is written in.
// Those that no longer compile are told and do not keep the others from
// working.
func Compile(records []Record, dialects map[string]Dialect) ([]Webhook, []Unreadable) {
	var all []Webhook
	var broken []Unreadable
	for _, r := range records {
		compile, ok := dialects[r.Dialect]
		if !ok {
			broken = append(broken, Unreadable{r, fmt.Errorf("the dialect %q is not known", r.Dialect)})
			continue
		}
		w, err := compile(r.Source, r.Kapp)
		if err != nil {
			broken = append(broken, Unreadable{r, err})
			continue
		}
		w.Origin, w.Hash, w.Updated = "api", r.Hash, r.Updated
		all = append(all, w)
	}
	return all, broken
}
