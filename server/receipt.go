package server

import (
	"encoding/json"
	"net/http"
	"strconv"
	"unicode/utf8"

	"hooktree/engine"
	"hooktree/jobs"
)

// Receipt is what the sender of an event is told, as the API shows it. The
// intake writes it by hand (appendReceipts); a test holds the two together.
type Receipt struct {
	ID        string    `json:"id"`
	Path      string    `json:"path"`
	Duplicate bool      `json:"duplicate" doc:"The event came before; these are the first one's jobs"`
	Jobs      []JobRef  `json:"jobs"`
	Verdicts  []Verdict `json:"verdicts"`
}

// Receipts is the answer to POST /events.
type Receipts struct {
	Events []Receipt `json:"events"`
}

// appendReceipts writes the answer to POST /events without reflection.
func appendReceipts(b []byte, receipts []jobs.Receipt) []byte {
	b = append(b, `{"events":[`...)
	for i, r := range receipts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendReceipt(b, r)
	}
	return append(b, `]}`...)
}

func appendReceipt(b []byte, r jobs.Receipt) []byte {
	b = appendText(append(b, `{"id":`...), r.EventID)
	b = appendText(append(b, `,"path":`...), r.Path)
	b = strconv.AppendBool(append(b, `,"duplicate":`...), r.Duplicate)
	b = append(b, `,"jobs":[`...)
	for i, j := range r.Jobs {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJobRef(b, j)
	}
	b = append(b, `],"verdicts":[`...)
	for i, v := range r.Verdicts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"webhook":`...), v.Webhook)
		b = appendSome(b, "hash", v.Hash)
		b = appendText(append(b, `,"outcome":`...), string(v.Outcome))
		b = appendText(append(b, `,"reason":`...), v.Reason)
		b = appendSome(b, "filter", v.Filter)
		b = append(appendSome(b, "target", v.Target), '}')
	}
	return append(b, `]}`...)
}

func appendJobRef(b []byte, j jobs.JobRef) []byte {
	b = appendText(append(b, `{"id":`...), j.ID)
	b = appendText(append(b, `,"webhook":`...), j.Webhook)
	b = append(b, `,"target":{`...)
	if j.Tree != "" {
		b = appendText(append(b, `"tree":`...), j.Tree)
	} else if j.URL != "" {
		b = appendText(append(b, `"url":`...), j.URL)
	}
	b = append(b, '}')
	if j.Run != 0 {
		b = strconv.AppendInt(append(b, `,"run":`...), j.Run, 10)
	}
	return append(b, '}')
}

// appendSome writes a member that is left out when it is empty.
func appendSome(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":`...)
	return appendText(b, text)
}

// appendText writes a JSON string. Most texts need no escape and are copied.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return appendEscaped(b, text)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

func appendEscaped(b []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil { // a string always marshals
		return append(b, `""`...)
	}
	return append(b, quoted...)
}

// answerOf renders what a run answers a sender who waits: its reply, else its
// return. A run that ended without either answers 204.
func answerOf(reply jobs.Reply) Response {
	if reply.Answer == nil {
		if reply.Status == engine.RunCancelled {
			return newProblem(http.StatusConflict, "run_cancelled", "the run was cancelled before it answered; the event is stored, and its job can be tried again").response()
		}
		return Response{Status: http.StatusNoContent}
	}
	header := http.Header{}
	for name, value := range reply.Answer.Headers {
		if replyHeader(name) {
			header.Set(name, value)
		}
	}
	body, kind := replyBody(reply.Answer.Body)
	if header.Get("Content-Type") == "" && kind != "" {
		header.Set("Content-Type", kind)
	}
	status := reply.Answer.Status
	if status < 200 || status > 599 {
		status = http.StatusOK
	}
	return Response{Status: status, Header: header, Body: body}
}

// replyHeader reports whether a tree may set a header: not those by which this
// server speaks for itself.
func replyHeader(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Set-Cookie", "Connection", "Content-Length", "Transfer-Encoding", "X-Request-Id", "Upgrade", "Trailer":
		return false
	default:
		return true
	}
}

func replyBody(value any) (body []byte, kind string) {
	switch v := value.(type) {
	case nil:
		return nil, ""
	case string:
		return []byte(v), "text/plain; charset=utf-8"
	default:
		body, err := json.Marshal(v)
		if err != nil {
			return []byte(`null`), "application/json"
		}
		return body, "application/json"
	}
}
