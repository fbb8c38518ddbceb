package main_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// odd is an endpoint that answers as no server should, or hardly any does, and
// what its delivery's job then says.
type odd struct {
	name   string
	answer func(*net.TCPConn) // after it has read the request, unless it says otherwise
	eager  bool               // answers when it has read no more than the head
	job    string             // the job's status after the first attempt
	status int                // of the attempt; zero for no answer
	says   string             // part of the attempt's error, or of what the answer kept; empty for none
	waits  time.Duration      // until the next attempt, at least; zero is the schedule's
}

const (
	complete = "Complete"
	again    = "In Progress"
)

func writes(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) { _, _ = io.WriteString(c, text) }
}

// then writes and lets go of the connection's sending side.
func then(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		_, _ = io.WriteString(c, text)
		_ = c.CloseWrite()
	}
}

// endless writes a beginning, and then a part again and again, at most every so
// often.
func endless(begin, part string, every time.Duration) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		_, err := io.WriteString(c, begin)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for ; err == nil; <-tick.C {
			_, err = io.WriteString(c, part)
		}
	}
}

func gzipped(n int) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.CopyN(w, zeros{}, int64(n))
	_ = w.Close()
	return b.String()
}

// zeros is text without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func oddities(now time.Time) []odd {
	const ok = "HTTP/1.1 200 OK\r\n"
	busy := func(after string) func(*net.TCPConn) {
		return then("HTTP/1.1 503 Busy\r\nRetry-After: " + after + "\r\nContent-Length: 0\r\n\r\n")
	}
	bomb := gzipped(64 << 20)
	return []odd{
		{name: "nothing but a status, then the end", answer: then(ok + "\r\n"), job: complete, status: 200},
		{name: "no length and no end", answer: writes(ok + "\r\n"), job: again, says: "answered 200 OK, and its body could not be read: it took too long"},
		{name: "HTTP/1.0", answer: then("HTTP/1.0 200 OK\r\n\r\nthanks"), job: complete, status: 200, says: "thanks"},
		{name: "a status without words", answer: then("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"), job: complete, status: 200},
		{name: "100 and then the answer", answer: then("HTTP/1.1 100 Continue\r\n\r\n" + ok + "Content-Length: 0\r\n\r\n"), job: complete, status: 200},
		{name: "103 and then the answer", answer: then("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok + "Content-Length: 0\r\n\r\n"), job: complete, status: 200},
		{name: "103 without end", answer: endless("", "HTTP/1.1 103 Early Hints\r\nLink: </"+strings.Repeat("a", 1000)+">\r\n\r\n", time.Microsecond), job: again, says: "header"},
		{name: "another protocol", answer: writes("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"), job: again, status: 101},
		{name: "an answer to a request that was not read", eager: true, answer: then(ok + "Content-Length: 0\r\n\r\n"), job: complete, status: 200},
		{name: "the end in place of an answer", answer: then(""), job: again, says: "EOF"},
		{name: "the end in place of reading", eager: true, answer: func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() }, job: again, says: "reset"},
		{name: "headers without end", answer: endless(ok, "X-More: "+strings.Repeat("a", 1000)+"\r\n", time.Microsecond), job: again, says: "header"},
		{name: "headers that drip", answer: endless(ok, "X-More: a\r\n", 500*time.Millisecond), job: again, says: "it took too long"},
		{name: "a body that drips", answer: endless(ok+"\r\n", "drip ", 500*time.Millisecond), job: complete, status: 200, says: "drip"},
		{name: "a body without end", answer: endless(ok+"\r\n", strings.Repeat("flood ", 1000), time.Microsecond), job: complete, status: 200, says: "flood"},
		{name: "a body that is zipped from very much", answer: then(fmt.Sprintf("%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", ok, len(bomb), bomb)), job: complete, status: 200, says: "0000"},
		{name: "a body that is not zipped", answer: then(ok + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain"), job: again, says: "answered 200 OK, and its body could not be read"},
		{name: "half of a body", answer: then(ok + "Content-Length: 100\r\n\r\nhalf"), job: complete, status: 200, says: "half"},
		{name: "a body that was promised only", answer: then(ok + "Content-Length: 100\r\n\r\n"), job: again, says: "answered 200 OK, and its body could not be read: unexpected EOF"},
		{name: "a failure whose body was promised only", answer: then("HTTP/1.1 500 Oh\r\nContent-Length: 100\r\n\r\n"), job: again, status: 500},
		{name: "gone, and a body that was promised only", answer: then("HTTP/1.1 410 Gone\r\nContent-Length: 100\r\n\r\n"), job: "Failed", status: 410},
		{name: "chunks that are none", answer: then(ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), job: again, says: "chunk"},
		{name: "two answers", answer: then(ok + "Content-Length: 3\r\n\r\none" + ok + "Content-Length: 3\r\n\r\ntwo"), job: complete, status: 200, says: "one"},
		{name: "two lengths", answer: then(ok + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nones"), job: again, says: "Content-Length"},
		{name: "another protocol's greeting", answer: then("SSH-2.0-OpenSSH_9.9\r\n"), job: again, says: "malformed"},
		{name: "a status of no digits", answer: then("HTTP/1.1 abc Odd\r\n\r\n"), job: again, says: "malformed"},
		{name: "a status of zeros", answer: then("HTTP/1.1 000 Odd\r\nContent-Length: 0\r\n\r\n"), job: again, says: "answered 000, which is no status"},
		{name: "a status beyond all", answer: then("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"), job: again, status: 999},
		{name: "somewhere else", answer: then("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), job: again, status: 302},
		{name: "later, in seconds", answer: busy("120"), job: again, status: 503, waits: 2 * time.Minute},
		{name: "later, at a time", answer: busy(now.Add(time.Hour).UTC().Format(http.TimeFormat)), job: again, status: 503, waits: 59 * time.Minute},
		{name: "in ages", answer: busy(strings.Repeat("9", 40)), job: again, status: 503, waits: 24 * time.Hour},
		{name: "in the year 9999", answer: busy("Fri, 31 Dec 9999 23:59:59 GMT"), job: again, status: 503, waits: 24 * time.Hour},
		{name: "before now", answer: busy("-5"), job: again, status: 503},
		{name: "in the past", answer: busy("Thu, 01 Jan 1970 00:00:00 GMT"), job: again, status: 503},
		{name: "at once", answer: busy("0"), job: again, status: 503},
		{name: "some time", answer: busy("soon"), job: again, status: 503},
	}
}

// listen serves an odd endpoint and gives its address.
func (o *odd) listen(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conn, _ := c.(*net.TCPConn)
			t.Cleanup(func() { _ = conn.Close() })
			go o.serve(conn)
		}
	}()
	return l.Addr().String()
}

func (o *odd) serve(conn *net.TCPConn) {
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	if !o.eager {
		_, _ = io.Copy(io.Discard, request.Body)
	}
	o.answer(conn)
}

// tried is a job as the API shows it.
type tried struct {
	Status, Summary        string
	ScheduledAt, UpdatedAt time.Time
	Attempts               []struct {
		Number, Status int
		Error          string
		At             time.Time
		TookMS         int64
		Response       *struct {
			Body *struct{ Text string }
		}
	}
}

// Whatever an endpoint answers, its delivery comes to an end that its job tells
// truthfully, and the next attempt has its time.
func TestServe_tellsWhatOddEndpointsAnswered(t *testing.T) {
	t.Parallel()
	b := newBinary(t, map[string]string{"space.yaml": "slug: odd\negress: {allow: [127.0.0.1/32]}\n"})
	b.start()
	token := b.token("operator")
	all := oddities(time.Now())
	for i := range all {
		b.must(http.StatusCreated, "POST /api/v1/hooks", fmt.Sprintf(`{"event":"submission.submitted","target_url":"http://%s/%d"}`, all[i].listen(t), i), token, nil)
	}
	var told struct {
		Events []struct {
			Jobs []struct {
				ID     string
				Target struct{ URL string }
			}
		}
	}
	b.must(http.StatusAccepted, "POST /api/v1/events", submitted, token, &told)
	if n := len(told.Events[0].Jobs); n != len(all) {
		t.Fatalf("there are %d deliveries; want %d", n, len(all))
	}
	for _, job := range told.Events[0].Jobs {
		i, err := strconv.Atoi(job.Target.URL[strings.LastIndexByte(job.Target.URL, '/')+1:])
		if err != nil {
			t.Fatal(err)
		}
		b.tells(&all[i], job.ID, token)
	}
	b.kill() // some would be tried again
}

// tells waits for a job's first attempt, and looks at what it says.
func (b *binary) tells(o *odd, id, token string) {
	b.t.Helper()
	limit := time.Now().Add(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var job tried
	for len(job.Attempts) == 0 {
		if time.Now().After(limit) {
			b.t.Errorf("%s: after a minute there is no attempt: %+v", o.name, job)
			return
		}
		<-tick.C
		b.must(http.StatusOK, "GET /api/v1/jobs/"+id, "", token, &job)
	}
	first := job.Attempts[0]
	kept := first.Error
	if r := first.Response; r != nil && r.Body != nil {
		kept += r.Body.Text
	}
	if job.Status != o.job || first.Status != o.status || !strings.Contains(kept, o.says) || o.status == 0 && first.Error == "" {
		b.t.Errorf("%s: the job is %s, its first attempt %+v with %.200q; want %s, %d and %q", o.name, job.Status, first, kept, o.job, o.status, o.says)
	}
	wait, least := job.ScheduledAt.Sub(job.UpdatedAt), max(o.waits, 5*time.Second) // the schedule's first wait
	if o.job == again && (wait < least || wait > least+least/5) && len(job.Attempts) == 1 {
		b.t.Errorf("%s: the next attempt waits for %v; want %v and up to a tenth of jitter", o.name, wait, least)
	}
}
