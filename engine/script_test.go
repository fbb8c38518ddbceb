package engine_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hooktree/engine"
)

var update = flag.Bool("update", false, "rewrite the scripts in testdata with what Step does now")

// TestScripts_say_what_the_engine_does plays each script and compares what came
// of it with what the script says. Every script is also replayed.
func TestScripts_say_what_the_engine_does(t *testing.T) {
	t.Parallel()

	files, err := filepath.Glob("testdata/scripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()

			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := play(string(text), false)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, []byte(s.out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if s.out.String() != string(text) {
				t.Errorf("the script says\n%s\nbut Step gave\n%s", text, s.out.String())
			}
			checkReplay(t, s.driver)
		})
	}
}

// checkReplay holds that the same events give the same state, and that the last
// event, repeated, changes nothing.
func checkReplay(t *testing.T, d *driver) {
	t.Helper()
	if d == nil {
		return
	}
	again, err := d.replay()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := again.picture(), d.picture(); got != want {
		t.Errorf("a replay gave\n%s\ninstead of\n%s", got, want)
	}
	for _, ev := range d.events {
		if _, ok := reported(ev); !ok {
			continue
		}
		if delta, commands, err := engine.Step(d.tree, d.state, ev); err != nil || delta.Changed || len(commands) > 0 {
			t.Errorf("the repeated event %#v changed the run (%v)", ev, err)
		}
	}
}

// script is one file at play. It has a tree, then events, each a line that
// begins with ">", and below each what came of it, indented.
type script struct {
	out    strings.Builder
	tree   []string
	data   map[string]any
	inputs map[string]any
	driver *driver
	last   engine.Event
	sums   bool // write a digest of the state after each event
}

func play(text string, sums bool) (*script, error) {
	s := &script{data: map[string]any{}, sums: sums}
	inTree := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		var err error
		switch {
		case strings.HasPrefix(line, "#"), line == "":
			inTree = inTree && line != ""
			s.say("%s", line)
		case inTree:
			s.tree = append(s.tree, line)
			s.say("%s", line)
		case line == "tree":
			inTree, s.tree, s.driver = true, nil, nil
			s.say("%s", line)
		case strings.HasPrefix(line, "data "):
			s.data, err = object(line[5:])
			s.say("%s", line)
		case strings.HasPrefix(line, "inputs "):
			s.inputs, err = object(line[7:])
			s.say("%s", line)
		case strings.HasPrefix(line, "> "):
			s.say("%s", line)
			err = s.event(line[2:])
		case strings.HasPrefix(line, " "): // what came of an event: said anew
		default:
			err = errors.New("neither tree, data, event nor comment")
		}
		if err != nil {
			return s, fmt.Errorf("%s: %w", line, err)
		}
	}
	return s, nil
}

func (s *script) say(format string, args ...any) { fmt.Fprintf(&s.out, format+"\n", args...) }

func object(text string) (map[string]any, error) {
	v, err := decode(text)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("no mapping")
	}
	return m, nil
}

// event plays one line.
func (s *script) event(line string) error {
	if line == "start" {
		tree, err := readTree(s.tree)
		if err != nil {
			s.say("  refused: %v", err)
			return nil
		}
		s.driver = newDriver(tree, s.data, s.inputs)
	}
	if s.driver == nil {
		return errors.New("the run has not started")
	}
	ev, err := s.read(line)
	if err != nil {
		return err
	}
	s.last = ev
	delta, commands, err := s.driver.feed(ev)
	switch {
	case err != nil:
		s.say("  refused: %v", err)
	case !delta.Changed:
		s.say("  nothing changes")
	default:
		s.tell(delta, commands)
	}
	if s.sums {
		s.say("  state %x", sha256.Sum256([]byte(s.driver.picture())))
	}
	return nil
}

// read makes an event of a line.
func (s *script) read(line string) (engine.Event, error) {
	word, rest, _ := strings.Cut(line, " ")
	whom, rest, _ := strings.Cut(rest, " ")
	d := s.driver
	switch word {
	case "start":
		return engine.Started{At: d.now}, nil
	case "again":
		return s.last, nil
	case "continue":
		return engine.Continued{Command: d.waiting("+").id(), At: d.now}, nil
	case "cancel":
		return engine.Cancelled{Reason: strings.TrimSpace(whom + " " + rest), At: d.now}, nil
	case "ok":
		results, err := optional(rest)
		return engine.Succeeded{Command: d.waiting(whom).id(), At: d.now, Results: results}, err
	case "fail":
		failure, err := readFailure(rest)
		return engine.Failed{Command: d.waiting(whom).id(), At: d.now, Failure: failure}, err
	case "elapse":
		c := d.waiting(whom)
		if timer, ok := c.Command.(engine.Timer); ok && timer.Due.After(d.now) {
			d.now = timer.Due
		}
		return engine.Elapsed{Command: c.id(), At: d.now}, nil
	case "began":
		return engine.Began{Command: d.waiting(whom).id(), Run: "C", Number: 8, At: d.now}, nil
	case "returned":
		ev := engine.Returned{Command: d.waiting(whom).id(), At: d.now}
		var err error
		if rest != "" {
			ev.Outputs, err = decode(rest)
		}
		return ev, err
	case "complete", "update":
		return readToken(word, whom, rest, d.now)
	case "resolve":
		return s.readResolved(whom, rest)
	}
	return nil, errors.New("unknown event")
}

// readToken reads `NODE[@PLACE] [RESULTS]` of what came with a token.
func readToken(word, whom, rest string, now time.Time) (engine.Event, error) {
	node, place, _ := strings.Cut(whom, "@")
	var results any
	if rest != "" {
		var err error
		if results, err = decode(rest); err != nil {
			return nil, err
		}
	}
	if word == "update" {
		return engine.Updated{
			Node: engine.NodeID(node), Place: engine.Place(place), Results: results, Message: "updated", At: now,
		}, nil
	}
	return engine.Completed{Node: engine.NodeID(node), Place: engine.Place(place), Results: results, At: now}, nil
}

func (s *script) readResolved(whom, rest string) (engine.Event, error) {
	action, value, _ := strings.Cut(rest, " ")
	ev := engine.Resolved{Action: engine.Action(action), At: s.driver.now}
	whom, place, _ := strings.Cut(whom, "@")
	ev.Place = engine.Place(place)
	ev.Node = engine.NodeID(whom)
	if from, _, ok := strings.Cut(whom, ">"); ok {
		ev.Node, ev.Connector = engine.NodeID(from), whom
	}
	if value == "" {
		return ev, nil
	}
	var err error
	ev.Results, err = decode(value)
	return ev, err
}

func optional(text string) (map[string]any, error) {
	if text == "" {
		return nil, nil
	}
	return object(text)
}

// readFailure reads `CODE [retryable] [wait=DURATION] [DETAIL]`.
func readFailure(text string) (engine.Failure, error) {
	words := strings.Fields(text)
	f := engine.Failure{Code: words[0], Message: "it failed: " + words[0]}
	for _, word := range words[1:] {
		if word == "retryable" {
			f.Retryable = true
			continue
		}
		if wait, ok := strings.CutPrefix(word, "wait="); ok {
			var err error
			if f.Wait, err = time.ParseDuration(wait); err != nil {
				return f, err
			}
			continue
		}
		var err error
		if f.Detail, err = object(word); err != nil {
			return f, err
		}
	}
	return f, nil
}

// chosen is a command that a line speaks of; raw is an ID that nothing waits for.
type chosen struct {
	engine.Command
	raw engine.CommandID
}

func (c chosen) id() engine.CommandID {
	if c.Command != nil {
		return commandID(c.Command)
	}
	return c.raw
}

// waiting finds the open command of NODE[@PLACE], or takes a whole ID after "=".
func (d *driver) waiting(whom string) chosen {
	if raw, ok := strings.CutPrefix(whom, "="); ok {
		return chosen{raw: engine.CommandID(raw)}
	}
	node, place, _ := strings.Cut(whom, "@")
	prefix := "R/" + node + "/" + place
	if node != "+" {
		prefix += "/"
	} else {
		prefix = "R/+"
	}
	for _, c := range d.open {
		rest, ok := strings.CutPrefix(string(commandID(c)), prefix)
		if ok && (node == "+" || rest[0] >= '0' && rest[0] <= '9') {
			return chosen{Command: c}
		}
	}
	return chosen{raw: engine.CommandID("R/nothing/" + whom + "/1")}
}

// tell writes what came of an event.
func (s *script) tell(delta engine.Delta, commands []engine.Command) {
	for i := range delta.Tasks {
		s.say("  %s", taskLine(&delta.Tasks[i]))
	}
	for _, f := range delta.Faults {
		s.say("  %s", faultLine(f))
	}
	for _, c := range commands {
		s.say("  %s", commandLine(c))
	}
	if delta.Outputs != nil {
		s.say("  outputs %s", text(delta.Outputs))
	}
	line := "  run " + string(delta.Head.Status)
	if delta.Head.Reason != "" {
		line += ": " + delta.Head.Reason
	}
	var reasons []string
	for _, p := range s.driver.state.Head.Pending(s.driver.tree) {
		if p.Status != engine.TaskRunning && p.Status != engine.TaskNew {
			reasons = append(reasons, p.Reason)
		}
	}
	if len(reasons) > 0 {
		line += ": " + strings.Join(reasons, "; ")
	}
	s.say("%s", line)
}

func taskLine(t *engine.Task) string {
	words := []string{at(t.Node, t.Place), string(t.Status)}
	if t.Attempt > 1 {
		words = append(words, fmt.Sprintf("attempt %d", t.Attempt))
	}
	if t.Results != nil {
		words = append(words, text(t.Results))
	}
	if t.Message != "" {
		words = append(words, fmt.Sprintf("%q", t.Message))
	}
	if t.Error != nil {
		words = append(words, fmt.Sprintf("[%s: %s]", t.Error.Code, t.Error.Message))
	}
	if t.Reason != "" && (t.Error == nil || t.Status == engine.TaskCancelled) {
		words = append(words, "("+t.Reason+")")
	}
	if t.Warning != "" {
		words = append(words, "warning: "+t.Warning)
	}
	for _, d := range t.Fired {
		words = append(words, decisionWord(d))
	}
	return strings.Join(words, " ")
}

func decisionWord(d engine.Decision) string {
	word := "->" + string(d.To)
	switch {
	case d.Fired && d.Late:
		return word + "(late)"
	case d.Fired:
		return word
	case d.Error != "":
		return word + "(?)"
	default:
		return word + "(no)"
	}
}

func faultLine(f engine.Fault) string {
	who := at(f.Node, f.Place)
	if f.Connector != "" {
		who = at(engine.NodeID(f.Connector), f.Place)
	}
	if f.Open {
		return fmt.Sprintf("error in %s: %s (%s), may be %s", who, f.Failure.Message, f.Kind, actions(f.Kind))
	}
	return fmt.Sprintf("error in %s resolved: %s", who, f.Action)
}

func actions(k engine.FaultKind) string {
	var words []string
	for _, a := range k.Actions() {
		words = append(words, string(a))
	}
	return strings.Join(words, ", ")
}

func commandLine(c engine.Command) string {
	switch c := c.(type) {
	case engine.Call:
		line := fmt.Sprintf("call %s %s", c.ID, text(c.Params))
		if c.Timeout > 0 {
			line += " timeout " + c.Timeout.String()
		}
		for _, seal := range c.Seals {
			line += " sealed " + seal.At
		}
		return line
	case engine.CallRoutine:
		line := fmt.Sprintf("routine %s %q %s depth %d", c.ID, c.Title, text(c.Inputs), c.Depth)
		if c.Detach {
			line += " detached"
		}
		return line
	case engine.Timer:
		return fmt.Sprintf("timer %s after %s", c.ID, c.Due.Sub(midnight))
	case engine.Continue:
		return fmt.Sprintf("continue %s", c.ID)
	case engine.Drop:
		return fmt.Sprintf("drop %s", c.ID)
	case engine.Answer:
		return fmt.Sprintf("answer %d %v %s", c.Status, c.Headers, text(c.Body))
	}
	return ""
}

func at(node engine.NodeID, place engine.Place) string {
	if place == "" {
		return string(node)
	}
	return string(node) + "@" + string(place)
}

func text(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(out)
}
