package kinetic

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// Dialect is the name under which these definitions are kept.
const Dialect = "kinetic"

// Translator reads definitions of the vendor's.
type Translator struct {
	Catalogue *event.Catalogue
	// Secret gives the name of the declared secret that holds an access key's
	// secret, by the key's identifier. Nil knows none.
	Secret func(key string) (name string, ok bool)
}

// Webhook translates a definition of a space (kapp is empty) or of a kapp. The
// error is [Faults] with everything that keeps it from being carried out.
func (t Translator) Webhook(definition []byte, kapp string) (webhooks.Webhook, error) {
	var d Definition
	if err := json.Unmarshal(definition, &d); err != nil {
		return webhooks.Webhook{}, Faults{unreadable(err)}
	}
	return t.Translate(d, kapp, definition)
}

func unreadable(err error) *Fault {
	f := &Fault{Member: "webhook", Message: "it is not a webhook: " + err.Error(), Hint: "send an object with name, type, event, filter and url"}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		f = &Fault{Member: wrong.Field, Message: "this is " + wrong.Value + ", not text", Hint: "put it into double quotes"}
	}
	return f
}

// Translate is Webhook for a definition that was read already; source is its
// text, kept as it is.
func (t Translator) Translate(d Definition, kapp string, source []byte) (webhooks.Webhook, error) {
	sum := sha256.Sum256(source)
	w := webhooks.Webhook{Name: d.Name, Kapp: kapp, Dialect: Dialect, Source: string(source), Hash: hex.EncodeToString(sum[:])}
	var faults Faults
	add := func(f *Fault) {
		if f != nil {
			faults = append(faults, f)
		}
	}
	add(t.name(d, kapp, &w))
	var fault *Fault
	w.Filter, fault = compileFilter(d.Filter)
	add(fault)
	target, fault := compileURL(d.URL)
	add(fault)
	if target.URL != nil {
		target.URL.Auth, fault = t.auth(d.AuthStrategy)
		add(fault)
	}
	if faults != nil {
		return webhooks.Webhook{}, faults
	}
	if target.Tree != nil && d.AuthStrategy.forget() {
		// Nothing is signed at our own host, so the value has no use here.
		plain, err := json.Marshal(d)
		if err != nil {
			return webhooks.Webhook{}, fmt.Errorf("keep webhook %q without its secret: %w", d.Name, err)
		}
		w.Source = string(plain)
	}
	w.Targets = []webhooks.Target{target}
	return w, nil
}

// name checks what says which events are meant, and settles the dialect of
// their names.
func (t Translator) name(d Definition, kapp string, w *webhooks.Webhook) *Fault {
	if d.Name == "" {
		return &Fault{Member: "name", Message: "Name must not be blank"}
	}
	if len(d.Name) > webhooks.MaxName {
		return &Fault{Member: "name", Message: fmt.Sprintf("it has %d bytes; at most %d are taken", len(d.Name), webhooks.MaxName)}
	}
	if d.Type == "" {
		return &Fault{Member: "type", Message: "Type must not be blank"}
	}
	kind, unknown := t.Catalogue.Find(d.Type, d.Event)
	if unknown != nil {
		member := "event"
		if unknown.Code == event.CodeUnknownType {
			member = "type"
		}
		return &Fault{Member: member, Message: unknown.Text, Hint: unknown.Hint}
	}
	if kapp != "" && kind.Level != event.LevelForm && kind.Level != event.LevelKapp {
		return &Fault{Member: "type", Message: kind.Type + " events belong to the space, not to a kapp", Hint: "a kapp's webhook is of type Form or Submission"}
	}
	w.Type, w.Action = kind.Type, kind.Action
	return nil
}

// auth translates the strategy of a URL outside. At our own host nothing is
// signed, so a tree's target has none.
func (t Translator) auth(a *AuthStrategy) (webhooks.Auth, *Fault) {
	if a == nil || a.Type == "" {
		return webhooks.Auth{}, nil
	}
	const member = "authStrategy"
	if a.Type != "Signature" {
		return webhooks.Auth{}, &Fault{Member: member, Message: fmt.Sprintf("the type %q is not known", a.Type), Hint: "known is Signature"}
	}
	key := a.property("Key")
	if key == "" {
		return webhooks.Auth{}, &Fault{Member: member, Message: "the property Key is missing", Hint: "name the access key to sign with"}
	}
	if a.property(secretProperty) != "" {
		return webhooks.Auth{}, &Fault{Member: member, Message: "the property Secret holds a value", Hint: "keep it as the secret of the access key " + key + ", and send the property without a value"}
	}
	if t.Secret != nil {
		if name, ok := t.Secret(key); ok {
			return webhooks.Auth{Kind: webhooks.AuthKinetic, Key: key, Secret: name}, nil
		}
	}
	return webhooks.Auth{}, &Fault{Member: member, Message: fmt.Sprintf("there is no access key %q to sign with", key), Hint: "add it with its secret first"}
}
