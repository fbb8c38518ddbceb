package main

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"hooktree/webhooks/egress"
	"hooktree/webhooks/registration"
	"hooktree/webhooks/source"
)

// subscribeCommand is hooktree subscribe.
type subscribeCommand struct {
	Sources     []string       `arg:"" name:"SOURCE" help:"Sources of the space, each with a register: in space.yaml."`
	Space       string         `default:"." help:"Space that declares them."`
	Data        string         `default:"data" help:"Where the platforms' tokens are kept: the data directory of the server."`
	SecretsFile string         `placeholder:"FILE" help:"YAML file of names and values for the secrets that space.yaml declares."`
	EgressAllow []netip.Prefix `placeholder:"CIDR" help:"Networks that may be reached besides public addresses."`
	DryRun      bool           `env:"-" help:"Say what would be done, and do nothing."`
}

// Help is what --help shows besides the flags.
func (*subscribeCommand) Help() string {
	return `Makes the subscriptions that a source wants at its platform (Actionstep, Keap or Accelo), renews those that have
lapsed, and removes those of its address that nobody wants any more. Doing it again changes nothing, and "hooktree serve"
does it every hour. Keap confirms a new subscription at once, so that a server must answer at the address. Exits with 1
where a platform refuses, or has not confirmed a subscription.

  hooktree subscribe crm --space ./acme --dry-run
  hooktree subscribe crm firm`
}

// Run brings the platforms in step.
func (c *subscribeCommand) Run(ctx context.Context, h host) error {
	sources, allow, err := c.declared()
	if err != nil {
		return err
	}
	known, err := readSecrets(c.SecretsFile)
	if err != nil {
		return err
	}
	gate := egress.New(egress.Config{Allow: append(slices.Clone(c.EgressAllow), allow...)})
	waits := false
	for i := range sources {
		plan, err := registration.New(&sources[i], registration.Config{
			Secrets: known.Secret, Client: gate.Client(), Keeper: &platformTokens{data: c.Data}, Now: time.Now,
		})
		if err != nil {
			return err
		}
		pending, err := c.bring(ctx, plan, h.out)
		if err != nil {
			return err
		}
		waits = waits || pending
	}
	if waits {
		return errNo
	}
	return nil
}

// declared finds the sources in the space, and what its address guard lets
// through.
func (c *subscribeCommand) declared() ([]source.Source, []netip.Prefix, error) {
	files, err := readSpace(c.Space)
	if err != nil {
		return nil, nil, err
	}
	space := checkSpace(c.Space, files)
	if fatal := space.faults.Fatal(); len(fatal) > 0 {
		return nil, nil, fmt.Errorf("the space has faults; `hooktree check %s` shows them", c.Space)
	}
	all, _ := source.ReadAll(files, space.library.Space())
	var found []source.Source
	for _, name := range c.Sources {
		at := slices.IndexFunc(all, func(s source.Source) bool { return s.Name == name })
		if at < 0 {
			return nil, nil, usageError{fmt.Errorf("space.yaml declares no source %q", name)}
		}
		found = append(found, all[at])
	}
	return found, space.library.Space().Egress.Allow, nil
}

// bring does, or foretells, one round, and reports whether something is not
// active yet that should be.
func (c *subscribeCommand) bring(ctx context.Context, plan *registration.Plan, out io.Writer) (pending bool, err error) {
	if c.DryRun {
		steps, err := plan.Foresee(ctx)
		for _, s := range steps {
			fmt.Fprintf(out, "%s: would %s\n", plan.Source, wordsOf(&s))
		}
		if err == nil && len(steps) == 0 {
			fmt.Fprintf(out, "%s: all is in step\n", plan.Source)
		}
		return false, err
	}
	report, err := plan.Reconcile(ctx)
	for _, s := range report.Done {
		fmt.Fprintf(out, "%s: %s\n", plan.Source, wordsOf(&s))
	}
	if err != nil {
		return false, err
	}
	for _, hook := range report.Pending {
		fmt.Fprintf(out, "%s: %s (%s) waits for its confirmation: is the server reachable at %s?\n", plan.Source, hook.Event, hook.ID, addressOf(hook.URL))
	}
	fmt.Fprintf(out, "%s: %d of %d subscriptions are active\n", plan.Source, len(report.Kept), len(plan.Wanted))
	return len(report.Kept) < len(plan.Wanted), nil
}

// wordsOf is a step in a few words. The query of an address stays unsaid: it may
// hold a token.
func wordsOf(s *registration.Step) string {
	if s.Do == registration.Create {
		return fmt.Sprintf("%s %s to %s", s.Do, s.Want.Event, addressOf(s.Want.URL))
	}
	return fmt.Sprintf("%s %s (%s)", s.Do, s.Hook.Event, s.Hook.ID)
}

func addressOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "an address that cannot be read"
	}
	u.RawQuery = ""
	return u.String()
}
