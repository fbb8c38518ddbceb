package delivery_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
)

// vectors are published v1 signatures: the one of the test of signing in
// standard-webhooks/standard-webhooks, libraries/go/webhook_symmetric_test.go,
// and the one of test_sign in its libraries/rust, which is Svix's, too.
var vectors = []struct {
	secret, id string
	at         int64
	body, want string
}{
	{
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
		`{"test": 2432232314}`, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	},
	{
		"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553,
		`{"email":"test@example.com","username":"test_user"}`, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
	},
}

func TestPublishedVectorsOfStandardWebhooksVerify(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		key, err := delivery.ParseStandardSecret(v.secret)
		if err != nil {
			t.Fatal(err)
		}
		header, err := delivery.Sign(webhooks.Auth{Kind: webhooks.AuthStandard}, bytesOf([]string{v.secret}), delivery.Message{ID: v.id, At: time.Unix(v.at, 0), Body: []byte(v.body)})
		if err != nil || header.Get(delivery.HeaderSignature) != v.want {
			t.Errorf("%s: signed as %v, %v; want %s", v.id, header, err, v.want)
		}
		if err := (delivery.Standard{Keys: [][]byte{key}}).Verify(header, []byte(v.body), time.Unix(v.at, 0)); err != nil {
			t.Errorf("%s: verify: %v", v.id, err)
		}
	}
}

func standardHeader(id, timestamp, signature string) http.Header {
	h := http.Header{}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", timestamp)
	h.Set("webhook-signature", signature)
	return h
}

func TestStandardMessagesAreVerified(t *testing.T) {
	t.Parallel()
	v := vectors[0]
	key, err := delivery.ParseStandardSecret(v.secret)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(v.at, 0)
	good, other := [][]byte{key}, [][]byte{[]byte("another key")}
	tests := []struct {
		name   string
		header http.Header
		keys   [][]byte
		now    time.Time
		want   error
	}{
		{"as signed", standardHeader(v.id, "1614265330", v.want), good, at, nil},
		{"while the key is rotated", standardHeader(v.id, "1614265330", v.want), [][]byte{other[0], key}, at, nil},
		{"with several signatures", standardHeader(v.id, "1614265330", "v1a,AAAA v1,BBBB "+v.want), good, at, nil},
		{"with a good signature before a bad one", standardHeader(v.id, "1614265330", v.want+" v1,BBBB"), good, at, nil},
		{"at the edge of the tolerance", standardHeader(v.id, "1614265330", v.want), good, at.Add(5 * time.Minute), nil},
		{"too old", standardHeader(v.id, "1614265330", v.want), good, at.Add(5*time.Minute + time.Second), delivery.ErrStale},
		{"from the future", standardHeader(v.id, "1614265330", v.want), good, at.Add(-6 * time.Minute), delivery.ErrStale},
		{"another key", standardHeader(v.id, "1614265330", v.want), other, at, delivery.ErrMismatch},
		{"no key", standardHeader(v.id, "1614265330", v.want), nil, at, delivery.ErrNoSecret},
		{"an empty key", standardHeader(v.id, "1614265330", v.want), [][]byte{{}}, at, delivery.ErrNoSecret},
		{"no signature", standardHeader(v.id, "1614265330", ""), good, at, delivery.ErrUnsigned},
		{"another ID", standardHeader("msg_2", "1614265330", v.want), good, at, delivery.ErrMismatch},
		{"another timestamp", standardHeader(v.id, "1614265331", v.want), good, at, delivery.ErrMismatch},
		{"the same time spelled otherwise", standardHeader(v.id, "+1614265330", v.want), good, at, delivery.ErrMismatch},
		{"another version", standardHeader(v.id, "1614265330", "v2,"+strings.TrimPrefix(v.want, "v1,")), good, at, delivery.ErrMismatch},
		{"no ID", standardHeader("", "1614265330", v.want), good, at, delivery.ErrMalformed},
		{"no time", standardHeader(v.id, "", v.want), good, at, delivery.ErrMalformed},
		{"a time that is no number", standardHeader(v.id, "now", v.want), good, at, delivery.ErrMalformed},
		{"a time beyond all", standardHeader(v.id, "9223372036854775807", v.want), good, at, delivery.ErrStale},
		{"a flood of signatures", standardHeader(v.id, "1614265330", strings.Repeat("v1,x ", 17)+v.want), good, at, delivery.ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := delivery.Standard{Keys: tt.keys}.Verify(tt.header, []byte(v.body), tt.now)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// Headers from outside are read without harm, whatever they hold.
func FuzzVerifyReadsAnyHeaders(f *testing.F) {
	v := vectors[0]
	f.Add(v.id, "1614265330", v.want, []byte(v.body))
	f.Add("", "", "v1,", []byte(nil))
	f.Fuzz(func(t *testing.T, id, timestamp, signature string, body []byte) {
		key, err := delivery.ParseStandardSecret(v.secret)
		if err != nil {
			t.Fatal(err)
		}
		err = delivery.Standard{Keys: [][]byte{key}}.Verify(standardHeader(id, timestamp, signature), body, time.Unix(v.at, 0))
		forged := err == nil && !strings.Contains(signature, delivery.StandardSignature(key, id, timestamp, body))
		if forged {
			t.Errorf("%q %q %q was accepted", id, timestamp, signature)
		}
	})
}
