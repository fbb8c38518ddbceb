package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"hooktree/trees"
	"hooktree/webhooks/event"
)

// runCommand is hooktree run.
type runCommand struct {
	Tree        string         `arg:"" name:"TREE.yaml" help:"Tree to run; the space that it lies in counts."`
	Event       string         `required:"" env:"-" placeholder:"EVENT.json" help:"File with the event; - reads standard input."`
	Live        bool           `env:"-" help:"Call the handlers: requests go out."`
	Inputs      bool           `env:"-" help:"Show the parameters of each node too."`
	JSON        bool           `name:"json" env:"-" help:"Answer in JSON, parameters and every sub-expression included."`
	SecretsFile string         `placeholder:"FILE" help:"With --live: YAML file of names and values for the secrets that space.yaml declares."`
	EgressAllow []netip.Prefix `placeholder:"CIDR" help:"With --live: networks that handlers may reach besides public addresses."`
}

// Help is what --help shows besides the flags.
func (*runCommand) Help() string {
	return `Runs a tree once, in memory: no server, nothing is kept, and nothing goes out unless --live is given. Without it a
handler that acts is not called; its results are empty ones, by its declaration. Waits pass at once, on a virtual clock
that begins at the time of the event.

Shows the path that the run took, every expression with the values that it saw, the results, and what the run returned.
Exits with 0 when the run is complete, with 1 when it is not, or when the event does not fire the tree.

  hooktree run trees/laptop-request.yaml --event events/laptop.json
  hooktree run trees/laptop-request.yaml --event events/laptop.json --live --egress-allow 127.0.0.1/32`
}

// Run runs the tree and shows what became of it.
func (c *runCommand) Run(ctx context.Context, h host) error {
	placed, err := placeFile(c.Tree)
	if err != nil {
		return err
	}
	s, err := placed.check()
	if err != nil {
		return err
	}
	if s.library == nil {
		return refuseFaults(h.out, &s)
	}
	tree, err := treeOf(&s, placed.path)
	if err != nil {
		return err
	}
	e, err := c.readEvent(h.in, s.catalogue)
	if err != nil {
		return err
	}
	r, err := newRehearsal(&s, tree, e, c)
	if err != nil {
		return err
	}
	if err := r.play(ctx); err != nil {
		return err
	}
	story, err := r.tell(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = writeJSON(h.out, story)
	} else {
		err = story.print(h.out, c.Inputs)
	}
	if err == nil && !story.complete() {
		return errNo
	}
	return err
}

// refuseFaults shows why a space cannot run.
func refuseFaults(w io.Writer, s *checkedSpace) error {
	var found findings
	found.add(s, s.faults.Fatal())
	for _, fault := range found.Found {
		fmt.Fprintln(w, fault.Render())
	}
	return fmt.Errorf("nothing was run: %s, shown above", counted(found.Faults, "fault"))
}

// treeOf gives the tree of one file of a space.
func treeOf(s *checkedSpace, path string) (*trees.Tree, error) {
	for _, t := range s.library.All() {
		if t.File == path {
			return t, nil
		}
	}
	return nil, usageError{fmt.Errorf("%s holds no tree; name a file of trees/", s.shown(path))}
}

// readEvent reads the one event of the file.
func (c *runCommand) readEvent(in io.Reader, catalogue *event.Catalogue) (event.Event, error) {
	text, err := readEventFile(c.Event, in)
	if err != nil {
		return event.Event{}, usageError{err}
	}
	events, err := event.ParseAll(text, catalogue.WithNotices(), time.Time{}) // a rehearsal publishes nothing
	if refused, ok := errors.AsType[*event.Refusal](err); ok {
		return event.Event{}, fmt.Errorf("%s: %w", c.Event, refusedEvent{refused})
	}
	if err != nil {
		return event.Event{}, fmt.Errorf("%s: %w", c.Event, err)
	}
	if len(events) != 1 {
		return event.Event{}, usageError{fmt.Errorf("%s holds %s; a run takes one", c.Event, counted(len(events), "event"))}
	}
	return events[0], nil
}

// refusedEvent tells what is wrong with an event, and what to do about it.
type refusedEvent struct{ *event.Refusal }

func (r refusedEvent) Error() string {
	var text strings.Builder
	text.WriteString("the event is refused")
	for _, f := range r.Faults {
		text.WriteString("\n  ")
		if f.Line > 0 {
			fmt.Fprintf(&text, "%d:%d: ", f.Line, f.Column)
		} else if f.Pointer != "" {
			text.WriteString(f.Pointer + ": ")
		}
		text.WriteString(f.Text)
		if f.Hint != "" {
			text.WriteString("; " + f.Hint)
		}
	}
	return text.String()
}
