package examples_test

import (
	"net/http"
	"os"
	"testing"
)

// A sender who waits is answered by the tree's reply.
func TestASenderMayWaitForTheReply(t *testing.T) {
	t.Parallel()

	event, err := os.ReadFile("service-desk/events-sent/access-request.json")
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(t, "service-desk")
	var reply struct {
		Request string `json:"request"`
		Grant   int    `json:"grant"`
	}
	s.call(http.MethodPost, "events?wait=30s", string(event), &reply)
	if reply.Request != "3F7E15" || reply.Grant != 4001 {
		t.Errorf("the reply is %+v; want request 3F7E15 and grant 4001", reply)
	}
}
