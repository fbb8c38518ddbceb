package engine_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"hooktree/engine"
)

// FuzzStep lets the fuzzer choose the tree and the order of events: the same
// events give the same state, and a finished run never moves.
func FuzzStep(f *testing.F) {
	f.Add([]byte("a tree"))
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24})
	f.Fuzz(rapid.MakeFuzz(promises))
}

// FuzzCommandID reports commands that nobody issued: they change nothing.
func FuzzCommandID(f *testing.F) {
	for _, id := range []string{"", "R", "R/", "R/n", "R/n//", "R/n//2", "R/n//1/retry", "R/+1", "S/n//1", "R/n/n[0]/1", "R/n//01", "R/n/1"} {
		f.Add(id)
	}
	tree, err := readTree([]string{"n | call"})
	if err != nil {
		f.Fatal(err)
	}
	d := newDriver(tree, nil, nil)
	if _, _, err := d.feed(engine.Started{At: midnight}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id := engine.CommandID(text)
		for _, ev := range []engine.Event{
			engine.Succeeded{Command: id},
			engine.Failed{Command: id},
			engine.Elapsed{Command: id},
			engine.Continued{Command: id},
		} {
			delta, commands, err := engine.Step(d.tree, d.state, ev)
			issued := id == "R/n//1"
			if err != nil || !issued && (delta.Changed || len(commands) > 0) {
				t.Errorf("%#v changed the run (%v)", ev, err)
			}
		}
	})
}

// FuzzParseDuration holds that what is read stays between the longest durations,
// and that a sign only turns it round.
func FuzzParseDuration(f *testing.F) {
	for _, text := range []string{"2d", "1h30m", "-5m", "0", "1.5s", "", "-", "9999999w", "1e9s", "1..2s", "5", "250ms"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := engine.ParseDuration(text)
		if err != nil {
			if d != 0 {
				t.Errorf("ParseDuration(%q) gave %s with an error", text, d)
			}
			return
		}
		back, err := engine.ParseDuration("-" + text)
		if err == nil && back != -d {
			t.Errorf("ParseDuration(%q) = %s, but with a minus it is %s", text, d, back)
		}
	})
}

// FuzzParsePlace holds that a place that is read is written as it was.
func FuzzParsePlace(f *testing.F) {
	for _, text := range []string{"", "a[0]", "a[0]/b+1/c~2", "a[", "a[01]", "/", "a+", "[0]", "a[-1]", "a[0]/"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		marks, err := engine.ParsePlace(text)
		if err != nil {
			return
		}
		var place engine.Place
		for _, m := range marks {
			switch m.Kind {
			case engine.MarkItem:
				place = place.Item(m.Node, m.Number)
			case engine.MarkUpdate:
				place = place.Update(m.Node, m.Number)
			case engine.MarkVisit:
				place = place.Visit(m.Node, m.Number)
			}
		}
		if string(place) != text {
			t.Errorf("ParsePlace(%q) reads %q", text, place)
		}
	})
}

func TestParseDuration_reads_what_authors_write(t *testing.T) {
	t.Parallel()

	const day = 24 * time.Hour
	tests := []struct {
		text    string
		want    time.Duration
		wantErr string
	}{
		{"2d", 2 * day, ""},
		{"1w2d", 9 * day, ""},
		{"1h30m", 90 * time.Minute, ""},
		{" 15s ", 15 * time.Second, ""},
		{"1.5h", 90 * time.Minute, ""},
		{"-5m", -5 * time.Minute, ""},
		{"0", 0, ""},
		{"0s", 0, ""},
		{"250ms", 250 * time.Millisecond, ""},
		{"1m1ms", time.Minute + time.Millisecond, ""},
		{"2w", 14 * day, ""},
		{"7306d", 7306 * day, ""},
		{"-", 0, `the duration "-" is empty; write a number and a unit, such as 2d`},
		{"ms", 0, `the duration "ms" has no number before "ms"`},
		{"5 d", 0, `the duration "5 d" has the unit " "; the units are s, m, h, d and w`},
		{"--5s", 0, `the duration "--5s" has the unit "-"; the units are s, m, h, d and w`},
		{"", 0, `the duration "" is empty; write a number and a unit, such as 2d`},
		{"5", 0, `the duration "5" ends without a unit; the units are s, m, h, d and w`},
		{"d", 0, `the duration "d" has no number before "d"`},
		{"5y", 0, `the duration "5y" has the unit "y"; the units are s, m, h, d and w`},
		{"1e3s", 0, `the duration "1e3s" has the unit "e"; the units are s, m, h, d and w`},
		{"1.2.3s", 0, `the duration "1.2.3s" has the unit "."; the units are s, m, h, d and w`},
		{"99999w", 0, `the duration "99999w" is longer than 292 years`},
		{"-99999w", 0, `the duration "-99999w" is longer than 292 years`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()

			got, err := engine.ParseDuration(tt.text)
			if got != tt.want || message(err) != tt.wantErr {
				t.Errorf("ParseDuration(%q) = %s, %q; want %s, %q", tt.text, got, message(err), tt.want, tt.wantErr)
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
