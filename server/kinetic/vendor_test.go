package kinetic_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hooktree/server/accounts"
)

// shared is where the vendor's documents lie, beside the repository.
const shared = "../../../shared/data/kinetic/oas"

// document is what these tests read of an OpenAPI file.
type document struct {
	Paths map[string]map[string]json.RawMessage `json:"paths"`
}

func readDocument(t *testing.T, name string) document {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(filepath.FromSlash(shared), name))
	if err != nil {
		t.Fatalf("the vendor's document is not there: %v; the folder shared lies beside the repository", err)
	}
	var d document
	if err := json.Unmarshal(content, &d); err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return d
}

var slot = regexp.MustCompile(`\{[^}]*\}`)

// Whoever calls what the vendor documents gets an answer in the vendor's form:
// the thing itself, or an error that says why not. That nothing is there, as
// for a path that nobody has heard of, is no such answer.
func TestEveryCallOfTheVendorsList_isAnswered(t *testing.T) {
	t.Parallel()

	h := open(t)
	calls := 0
	for path, methods := range readDocument(t, "task.json").Paths {
		for method := range methods {
			method = strings.ToUpper(method)
			if !slices.Contains([]string{"GET", "POST", "PUT", "DELETE"}, method) {
				continue
			}
			calls++
			h.wantCall(method, v2+slot.ReplaceAllString(path, "1"))
		}
	}
	if calls < 90 {
		t.Errorf("the document has %d calls; want the 90 and more of the real one", calls)
	}
}

const v2 = "/app/components/task/app/api/v2"

func TestEveryCoreCallAboutWebhooks_isAnswered(t *testing.T) {
	t.Parallel()

	h := open(t)
	calls := 0
	for path, methods := range readDocument(t, "core.json").Paths {
		if !strings.Contains(path, "ebhook") || strings.Contains(path, "poller") {
			continue
		}
		for method := range methods {
			if method = strings.ToUpper(method); slices.Contains([]string{"GET", "POST", "PUT", "DELETE"}, method) {
				calls++
				h.wantCall(method, "/app/api/v1"+slot.ReplaceAllString(path, "1"))
			}
		}
	}
	if calls < 20 {
		t.Errorf("the document has %d calls; want the 20 and more of the real one", calls)
	}
}

// wantCall wants a call to be known, and its answer in the vendor's form.
func (h *house) wantCall(method, target string) {
	h.t.Helper()
	s := sent{method: method, target: target, role: accounts.Admin}
	if method != http.MethodGet {
		s.body = "{}"
	}
	a := h.do(s)
	var body struct {
		Error         string `json:"error"`
		Message       string `json:"message"`
		ErrorKey      string `json:"errorKey"`
		StatusCode    int    `json:"statusCode"`
		CorrelationID string `json:"correlationId"`
	}
	kind := a.header.Get("Content-Type")
	if a.status == http.StatusOK && kind == "application/json" && json.Valid([]byte(a.body)) {
		return
	}
	err := json.Unmarshal([]byte(a.body), &body)
	told := err == nil && kind == "application/json" && body.Error != "" && body.Error == body.Message && body.ErrorKey != "" &&
		body.StatusCode == a.status && body.CorrelationID == "test"
	unknown := body.ErrorKey == "method_not_allowed" || strings.HasPrefix(body.Message, "there is nothing at /")
	if !told || a.status < 400 || a.status > 499 || unknown {
		h.t.Errorf("%s %s = %d %s %s; want an answer, or why there is none, in the vendor's form", method, target, a.status, kind, a.body)
	}
}
