package kinetic_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the scripts in testdata with what is answered")

// Each script in testdata/scripts is a conversation:
//
//	# a comment
//	> GET /path as viewer       the request, and the role of its token
//	+ Content-Type: text/plain  a header
//	{"its": "body"}
//	< 200                       the answer, and its content type if it is not JSON
//	{"its": "body, indented"}
//	! drain                     let the worker do what is due
//	! move 1h                   let time pass
func TestScripts_areAnsweredAsWritten(t *testing.T) {
	t.Parallel()

	files, err := filepath.Glob(filepath.Join("testdata", "scripts", "*.txt"))
	if err != nil || len(files) < 8 {
		t.Fatalf("there are %d scripts (%v); want at least 8", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()

			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s is answered otherwise; look at it, and run the test with -update if it is meant (-want +got):\n%s", file, diff)
			}
		})
	}
}

// play holds a conversation, and gives the script with the answers that came.
func play(t *testing.T, script string) string {
	t.Helper()
	h := open(t)
	h.webhooks.fromFile(t, fileWebhook)
	var out strings.Builder
	var asked *sent
	answered := false // the lines of the old answer are left out
	blank := ""       // between a request and the next thing
	ask := func() {
		if asked != nil {
			asked.body = strings.TrimRight(asked.body, "\n")
			out.WriteString(h.shown(h.do(*asked)))
			asked = nil
		}
	}
	for line := range strings.Lines(script) {
		text := strings.TrimSuffix(line, "\n")
		mark, rest, _ := strings.Cut(text, " ")
		switch mark {
		case "<":
			ask()
			answered = true
			continue
		case ">", "#", "!":
			ask()
			answered = false
		}
		if text == "" {
			blank = "\n"
		}
		if answered || text == "" {
			continue
		}
		out.WriteString(blank + text + "\n")
		switch {
		case mark == ">":
			asked = requestOf(t, rest)
		case mark == "!":
			h.direct(rest)
		case mark == "+" && asked != nil:
			name, value, _ := strings.Cut(rest, ": ")
			asked.header.Set(name, value)
		case mark != "#" && text != "" && asked != nil:
			asked.body += blank + text + "\n"
		}
		blank = ""
	}
	ask()
	return out.String()
}

func requestOf(t *testing.T, line string) *sent {
	t.Helper()
	words := strings.Fields(line)
	if len(words) != 2 && len(words) != 4 {
		t.Fatalf("%q is no request; write METHOD PATH, or METHOD PATH as ROLE", line)
	}
	s := &sent{method: words[0], target: words[1], header: http.Header{}}
	if len(words) == 4 {
		if err := s.role.UnmarshalText([]byte(words[3])); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// direct does what a script says besides requests.
func (h *house) direct(words string) {
	h.t.Helper()
	what, rest, _ := strings.Cut(words, " ")
	switch what {
	case "drain":
		h.drain()
	case "move":
		d, err := time.ParseDuration(rest)
		if err != nil {
			h.t.Fatal(err)
		}
		h.clock.move(d)
	default:
		h.t.Fatalf("%q is no direction", words)
	}
}

// shown is an answer as scripts write it.
func (h *house) shown(a answer) string {
	h.t.Helper()
	head := fmt.Sprintf("< %d", a.status)
	kind := a.header.Get("Content-Type")
	if kind != "application/json" {
		return head + " " + kind + "\n" + a.body + "\n"
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(a.body), "", "  "); err != nil {
		h.t.Errorf("the answer %s is no JSON: %v", a.body, err)
	}
	body := b.String()
	for _, m := range masks {
		body = m.found.ReplaceAllString(body, m.mask)
	}
	return head + "\n" + body + "\n"
}

// masks stand for what is made at random, and for hashes: those of trees cover
// the handlers' declarations, which change for reasons of their own.
var masks = []struct {
	found *regexp.Regexp
	mask  string
}{
	{regexp.MustCompile(`token:[0-9a-f-]{36}`), "token:ID"},
	{regexp.MustCompile(`"versionId": "[0-9a-f]{12}"`), `"versionId": "VERSION"`},
	{regexp.MustCompile(`at the versionId [0-9a-f]{12}`), "at the versionId VERSION"},
	{regexp.MustCompile(`"hash": "[0-9a-f]{64}"`), `"hash": "HASH"`},
}

// fileWebhook is a webhook that only its file changes.
const fileWebhook = `webhooks:
  - name: Tell the desk
    path: Submissions > services > laptop-request / Updated
    url: https://desk.example.com/hooks
`
