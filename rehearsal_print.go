package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"hooktree/engine"
)

// print shows a story in a terminal.
func (s *story) print(w io.Writer, inputs bool) error {
	p := &printer{w: w, inputs: inputs}
	p.line("%s", s.Event)
	p.opening(s)
	for i := range s.Tasks {
		p.task(&s.Tasks[i])
	}
	p.ending(s)
	return p.err
}

// printer writes lines until one cannot be written.
type printer struct {
	w      io.Writer
	inputs bool // show parameters too
	err    error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// opening says how the event and the tree belong together.
func (p *printer) opening(s *story) {
	switch {
	case s.Webhook == "":
		p.line("  does not concern %s, which is started directly", s.Tree)
	case s.Status != "":
		p.line("  fires %s: %s", s.Tree, s.Reason)
	default:
		p.line("  does not fire %s: %s by %s: %s", s.Tree, s.Outcome, s.Webhook, s.Reason)
	}
	if s.Filter != nil {
		p.expression("  ", s.Filter)
	}
	p.line("")
}

// task shows one execution of a node, and below it what it saw and led to.
func (p *printer) task(t *toldTask) {
	name := string(t.Node)
	if t.Place != "" {
		name += " at " + string(t.Place)
	}
	if t.Does == "start" {
		p.line("%s", name)
	} else {
		p.line("%s  %s  %s", name, t.Does, strings.Join(t.said(), ", "))
	}
	for i := range t.Expressions {
		if t.Error != nil { // it says the same
			t.Expressions[i].Error = ""
		}
		p.expression("  ", &t.Expressions[i])
	}
	if p.inputs {
		for _, key := range slices.Sorted(maps.Keys(t.Inputs)) {
			p.line("  %s: %s", key, brief(t.Inputs[key]))
		}
	}
	if t.Error != nil {
		p.line("  error: %s (%s)", t.Error.Message, t.Error.Code)
	}
	if t.Warning != "" {
		p.line("  warning: %s", t.Warning)
	}
	if t.Results != nil && t.Status == engine.TaskComplete {
		p.line("  = %s", brief(t.Results))
	}
	for i := range t.Connectors {
		p.connector(&t.Connectors[i])
	}
}

// said lists what there is to say of a task besides its status.
func (t *toldTask) said() []string {
	said := []string{string(t.Status)}
	if t.Attempt > 1 {
		said = append(said, fmt.Sprintf("attempt %d", t.Attempt))
	}
	if t.Took != "" {
		said = append(said, "after "+t.Took)
	}
	if t.NotCalled {
		said = append(said, "not called (use --live)")
	}
	for _, text := range []string{t.Reason, t.Message} {
		if text != "" && t.Error == nil {
			said = append(said, text)
		}
	}
	return said
}

// connector shows what became of one way out.
func (p *printer) connector(c *toldConnector) {
	mark, note := "→", ""
	if !c.Fired {
		mark = "✗"
	}
	if c.On != engine.OnComplete {
		note += " on " + string(c.On)
	}
	if c.Label != "" {
		note += " [" + c.Label + "]"
	}
	if c.Late {
		note += " (late: the join had run already)"
	}
	p.line("  %s %s%s", mark, c.To, note)
	if c.When != nil {
		p.expression("    ", c.When)
	}
	if c.Error != "" && (c.When == nil || c.When.Error == "") {
		p.line("    error: %s", c.Error)
	}
}

// expression shows each of the outermost expressions of a text with the values
// that it saw.
func (p *printer) expression(indent string, x *told) {
	for _, s := range outermost(x.Seen) {
		steps := []string{s.Text}
		for _, next := range []string{s.Shown, brief(s.Value)} {
			if s.Evaluated && next != steps[len(steps)-1] {
				steps = append(steps, next)
			}
		}
		p.line("%s%s: %s", indent, x.Key, strings.Join(steps, " → "))
	}
	if len(x.Seen) == 0 {
		p.line("%s%s: %s", indent, x.Key, x.Text)
	}
	if x.Error != "" {
		p.line("%serror: %s", indent, x.Error)
	}
}

// outermost leaves out what stands inside another one.
func outermost(seen []seenExpression) []seenExpression {
	var outer []seenExpression
	for _, s := range seen {
		if len(outer) > 0 && outer[len(outer)-1].holds(s) {
			continue
		}
		outer = append(outer, s)
	}
	return outer
}

// holds reports whether inner is a part of s.
func (s *seenExpression) holds(inner seenExpression) bool {
	at := inner.offset - s.offset
	return at >= 0 && at+len(inner.Text) <= len(s.Text) && s.Text[at:at+len(inner.Text)] == inner.Text
}

// ending says how the run ended.
func (p *printer) ending(s *story) {
	if s.Status == "" {
		p.line("nothing was run")
		return
	}
	p.line("")
	end := string(s.Status)
	if s.Took != "" {
		end += " after " + s.Took
		if !s.Live {
			end += " on the virtual clock"
		}
	}
	p.line("%s", end)
	if s.Returned != nil {
		p.line("returned %s", brief(s.Returned))
	}
	if s.Answer != nil && s.Answer.Status != 0 { // of a reply; a return has said it above
		p.line("answered %d %s", s.Answer.Status, brief(s.Answer.Body))
	}
	if s.Status == engine.RunError && !s.Live && slices.ContainsFunc(s.Tasks, func(t toldTask) bool { return t.NotCalled }) {
		p.line("handlers were not called, so that their results are empty; --live calls them")
	}
}

// longest is how many characters of a value a terminal is shown.
const longest = 300

// brief writes a value as JSON, cut where it is long.
func brief(v any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	line := []rune(strings.TrimSuffix(text.String(), "\n"))
	if len(line) > longest {
		return string(line[:longest]) + fmt.Sprintf("… (%d characters; --json shows them)", len(line))
	}
	return string(line)
}
