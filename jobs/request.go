package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hooktree/engine"
	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
)

func newRequest(u *webhooks.URLFiring) *Request {
	q := &Request{Method: u.Method, URL: u.URL, Body: u.Body, Auth: u.Auth}
	if q.Method == "" {
		q.Method = http.MethodPost
	}
	if len(u.Headers) > 0 {
		q.Headers = make(http.Header, len(u.Headers))
		for name, value := range u.Headers {
			q.Headers.Set(name, value)
		}
	}
	for _, seal := range u.Seals {
		if name, ok := strings.CutPrefix(seal.At, "/headers/"); ok {
			seal.At = "/headers/" + http.CanonicalHeaderKey(name)
		}
		q.Seals = append(q.Seals, seal)
	}
	return q
}

// delivery is the work of the job's next attempt. That of a subscription waits
// in its queue, and no host keeps it back.
func (j *Job) delivery(due time.Time, ordered bool) Work {
	w := Work{ID: j.ID, Kind: WorkDelivery, JobID: j.ID, Due: due}
	if j.Subscription == "" {
		w.Host = hostOf(j.URL)
		return w
	}
	w.Queue, w.Ordered = j.Subscription, ordered
	return w
}

// open gives the request as it is sent: secrets in clear, signed, with the
// job's ID as the delivery's. It notes the digest of the body in q.
func (q *Request) open(ctx context.Context, l *LoadedJob, by sending, at time.Time) (*http.Request, error) {
	plain, err := q.plain(l.Payload, by.opening)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(plain.Body)
	q.SHA256 = hex.EncodeToString(digest[:])
	signed, err := by.proof.sign(delivery.Message{ID: l.Job.ID, At: at, Body: plain.Body})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, plain.Method, plain.URL, bytes.NewReader(plain.Body))
	if err != nil {
		return nil, fmt.Errorf("the URL makes no request: %w", withoutURL(err))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "hooktree")
	for _, headers := range []http.Header{plain.Headers, signed} {
		maps.Copy(req.Header, headers)
	}
	return req, nil
}

// withoutURL takes the URL out of an error, since it may hold a secret.
func withoutURL(err error) error {
	if e, ok := err.(*url.Error); ok { //nolint:errorlint // the outermost error is what names the URL
		return e.Err
	}
	return err
}

// plain gives the request with its secrets put back.
func (q *Request) plain(payload []byte, s *opening) (*Request, error) {
	c := *q
	if c.Body == nil {
		c.Body = payload
	}
	if len(q.Seals) == 0 {
		return &c, nil
	}
	headers := make(map[string]any, len(q.Headers))
	for name := range q.Headers {
		headers[name] = q.Headers.Get(name)
	}
	opened, err := engine.Open(map[string]any{"url": c.URL, "headers": headers, "body": string(c.Body)}, q.Seals, s.reveal)
	if err != nil {
		return nil, fmt.Errorf("open the request: %w", err)
	}
	parts, _ := opened.(map[string]any)
	c.URL, _ = parts["url"].(string)
	body, _ := parts["body"].(string)
	c.Body = []byte(body)
	headers, _ = parts["headers"].(map[string]any)
	c.Headers = make(http.Header, len(headers))
	for name, value := range headers {
		text, _ := value.(string)
		c.Headers.Set(name, text)
	}
	return &c, nil
}
