package main_test

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A certificate that nobody vouches for keeps a delivery from its endpoint, and
// the job says so and stays; once the authority is trusted, it arrives.
func TestServe_deliversToATrustedCertificateAlone(t *testing.T) {
	t.Parallel()
	came := make(chan arrived, 10)
	endpoint := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		came <- arrived{request.URL.Path, request.Header.Get("Webhook-Id"), string(body)}
	}))
	endpoint.Config.ErrorLog = log.New(io.Discard, "", 0) // it says of each handshake that failed what the job says
	endpoint.StartTLS()
	t.Cleanup(endpoint.Close)

	b := newBinary(t, map[string]string{"space.yaml": "slug: tls\negress: {allow: [127.0.0.1/32]}\n"})
	b.start()
	token := b.token("operator")
	b.must(http.StatusCreated, "POST /api/v1/hooks", fmt.Sprintf(`{"event":"submission.submitted","target_url":%q}`, endpoint.URL+"/hook"), token, nil)
	var told struct{ Events []struct{ ID string } }
	b.must(http.StatusAccepted, "POST /api/v1/events", submitted, token, &told)
	var found struct{ Jobs []struct{ ID string } }
	b.must(http.StatusOK, "GET /api/v1/jobs?event="+told.Events[0].ID, "", token, &found)
	if len(found.Jobs) != 1 {
		t.Fatalf("the event has the jobs %+v; want one", found.Jobs)
	}
	job := "/api/v1/jobs/" + found.Jobs[0].ID
	b.until("GET "+job, token, http.StatusOK, "certificate signed by unknown authority")
	if answer := b.must(http.StatusOK, "GET "+job, "", token, nil); !strings.Contains(answer, `"status":"In Progress"`) {
		t.Errorf("the job is %s; want it to be tried again", answer)
	}
	b.must(http.StatusOK, "POST "+job+"/cancel", "", token, nil) // so that only the test says when it is tried
	if len(came) != 0 {
		t.Fatalf("%+v came to an endpoint that nobody vouches for", <-came)
	}
	b.stop()

	authority := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: endpoint.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	b.env = append(b.env, "SSL_CERT_FILE="+authority)
	b.start()
	b.must(http.StatusOK, "POST "+job+"/retry", "", token, nil)
	if got := next(t, came, "/hook"); got.id != found.Jobs[0].ID {
		t.Errorf("the job %s arrived; want %s", got.id, found.Jobs[0].ID)
	}
	b.stop()
}
