package kinetic_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hooktree/server"
	"hooktree/server/accounts"
)

// ours are the rows of the server's table that this package hands in.
func (h *house) ours() []server.Listed {
	return slices.DeleteFunc(slices.Clone(h.table), func(r server.Listed) bool { return !strings.HasPrefix(r.API, "kinetic") })
}

// The file is the table that people review: who may call what.
func TestRoutes_areThoseInTestdata(t *testing.T) {
	t.Parallel()

	var lines []string
	for _, r := range open(t).ours() {
		if !strings.HasPrefix(r.Path, "/kinetic-task") { // the same again
			lines = append(lines, fmt.Sprintf("%-8s %-6s %s\n", r.Role, r.Method, r.Path))
		}
	}
	slices.Sort(lines)
	got, file := strings.Join(lines, ""), filepath.Join("testdata", "routes.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; look at it, and run the test with -update if it is meant (-want +got):\n%s", file, diff)
	}
}

var parameter = regexp.MustCompile(`:\w+`)

// deciding are the calls that look at a signature before they ask for a role.
var deciding = regexp.MustCompile(`/(run-tree|complete-deferred-task|update-deferred-task)/`)

// Every route is walked with every role, and with none. What the table forbids
// is refused before a call is asked, and what it allows is not.
func TestRoutes_keepToTheRolesOfTheTable(t *testing.T) {
	t.Parallel()

	h := open(t)
	for _, r := range h.ours() {
		for role := accounts.Public; role <= accounts.Admin; role++ {
			need := r.Role
			if deciding.MatchString(r.Path) {
				need = accounts.Operator
			}
			a := h.do(sent{method: r.Method, target: parameter.ReplaceAllString(r.Path, "1"), role: role, body: "{}"})
			want := "neither 401 nor 403"
			switch {
			case role.May(need):
				if a.status != 401 && a.status != 403 {
					continue
				}
			case role == accounts.Public:
				want = "401"
			default:
				want = "403"
			}
			if fmt.Sprint(a.status) != want {
				t.Errorf("%s %s as %s = %d; want %s", r.Method, r.Path, role, a.status, want)
			}
		}
	}
}
