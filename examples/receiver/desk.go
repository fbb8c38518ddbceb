package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// headerSecret carries the secret that an endpoint sends back to confirm that it
// wants deliveries.
const headerSecret = "X-Hook-Secret"

// maxBody is the longest body that is read, in bytes.
const maxBody = 1 << 20

// desk answers what the examples send.
type desk struct {
	*http.ServeMux
	secret string
	busy   int // 503s at the start of each path below /groups

	mu    sync.Mutex
	calls map[string]int    // to a path below /groups, the busy ones included
	kept  map[string]string // answer to each Idempotency-Key
}

// maxKept bounds what a desk remembers; past it everything is forgotten.
const maxKept = 10_000

func newDesk(secret string, busy int) *desk {
	d := &desk{ServeMux: http.NewServeMux(), secret: secret, busy: busy}
	d.forget()
	d.HandleFunc("POST /groups/{group}/members", d.grant)
	d.HandleFunc("/answers/{status}", answer)
	d.HandleFunc("/", d.take)
	return d
}

func (d *desk) forget() { d.calls, d.kept = map[string]int{}, map[string]string{} }

// ServeHTTP confirms a subscription whose platform asks for that, by the secret
// that it sends; anything else is what the paths are for.
func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if secret := r.Header.Get(headerSecret); secret != "" {
		fmt.Printf("%s %s: confirmed\n", r.Method, r.URL)
		w.Header().Set(headerSecret, secret)
		w.WriteHeader(http.StatusOK)
		return
	}
	d.ServeMux.ServeHTTP(w, r)
}

// take prints a request and answers 200, or 401 when its signature is bad.
func (d *desk) take(w http.ResponseWriter, r *http.Request) {
	body, err := read(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	proof, err := verify(r.Header, body, d.secret)
	if err != nil {
		show(r, body, proof+" signature REFUSED: "+err.Error())
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	show(r, body, proof)
	w.WriteHeader(http.StatusOK)
}

// answer prints a request and answers as its path says, so that it can be seen
// what becomes of a subscription whose endpoint does.
func answer(w http.ResponseWriter, r *http.Request) {
	body, err := read(r)
	status, wrong := strconv.Atoi(r.PathValue("status"))
	if err != nil || wrong != nil || status < 200 || status > 599 {
		http.Error(w, "ask for a status from 200 to 599", http.StatusBadRequest)
		return
	}
	show(r, body, fmt.Sprintf("answered %d", status))
	w.WriteHeader(status)
}

// grant adds a member to a group. A call that comes again, by its
// Idempotency-Key, is answered as it was before and grants nothing twice.
func (d *desk) grant(w http.ResponseWriter, r *http.Request) {
	body, err := read(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	status, answer := d.decide(r)
	show(r, body, fmt.Sprintf("answered %d", status))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

// decide finds the answer to a call below /groups.
func (d *desk) decide(r *http.Request) (status int, answer string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.calls)+len(d.kept) > maxKept {
		d.forget()
	}
	key := r.Header.Get("Idempotency-Key")
	d.calls[r.URL.Path]++
	switch {
	case r.Header.Get("Authorization") == "":
		return http.StatusUnauthorized, `{"message":"send a bearer token"}`
	case d.calls[r.URL.Path] <= d.busy:
		return http.StatusServiceUnavailable, `{"message":"the directory is busy"}`
	case r.PathValue("group") == "unknown-group":
		return http.StatusNotFound, `{"message":"there is no such group"}`
	case d.kept[key] == "":
		d.kept[key] = fmt.Sprintf(`{"grant":%d}`, 4001+len(d.kept))
	}
	return http.StatusCreated, d.kept[key]
}

func read(r *http.Request) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r.Body, maxBody))
}

// show prints a request and what was made of it.
func show(r *http.Request, body []byte, verdict string) {
	var value any
	if json.Unmarshal(body, &value) == nil {
		body, _ = json.Marshal(value)
	}
	fmt.Printf("%s %s: %s\n  %s\n", r.Method, r.URL, verdict, body)
}
