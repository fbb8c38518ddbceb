package delivery_test

import (
	"math"
	"net/http"
	"testing"
	"time"

	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
)

// proof is a kind of signature, and where its signed content and itself stand.
type proof struct {
	name    string
	auth    webhooks.Auth
	secret  func(random []byte) (private, public []byte)
	headers []string
	verify  func(h http.Header, body, public []byte) error
}

// asIs takes any secret that is not empty.
func asIs(random []byte) (private, public []byte) { return random, random }

func sharedSecret(random []byte) (private, public []byte) {
	secret := []byte(delivery.NewStandardSecret(repeating(random)))
	return secret, secret
}

func keyPair(random []byte) (private, public []byte) {
	whsk, whpk := delivery.NewStandardPair(repeating(random))
	return []byte(whsk), []byte(whpk)
}

// repeating reads the same bytes over and over: keys of a test are not random.
type repeating []byte

func (r repeating) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r[i%len(r)]
	}
	return len(p), nil
}

// proofs are all kinds. A hub signature's method and the prefix of an HMAC are
// not signed, but belong to the signature's spelling, of which there is one.
// The key's name beside a Kinetic signature is not signed: it chooses a secret.
var proofs = []proof{
	{"kinetic", webhooks.Auth{Kind: webhooks.AuthKinetic, Key: "AK1"}, asIs, []string{delivery.HeaderKineticSignature}, verifyKinetic},
	{"hmac", webhooks.Auth{Kind: webhooks.AuthHMAC}, asIs, []string{delivery.HeaderHMAC}, verifyHMAC},
	{"hub by sha1", webhooks.Auth{Kind: webhooks.AuthHub}, asIs, []string{delivery.HeaderHub}, verifyHub},
	{"hub by sha256", webhooks.Auth{Kind: webhooks.AuthHub, Key: "sha256"}, asIs, []string{delivery.HeaderHub}, verifyHub},
	{"standard v1", webhooks.Auth{Kind: webhooks.AuthStandard}, sharedSecret, standardHeaders, verifyStandard},
	{"standard v1a", webhooks.Auth{Kind: webhooks.AuthStandard}, keyPair, standardHeaders, verifyStandard},
}

var standardHeaders = []string{delivery.HeaderID, delivery.HeaderTimestamp, delivery.HeaderSignature}

func verifyKinetic(h http.Header, body, secret []byte) error {
	return delivery.VerifyKinetic(h, body, [][]byte{secret})
}

func verifyHMAC(h http.Header, body, secret []byte) error {
	return delivery.VerifyHMAC(h, "", body, [][]byte{secret})
}

func verifyHub(h http.Header, body, secret []byte) error {
	return delivery.VerifyHub(h, body, [][]byte{secret})
}

// verifyStandard tolerates any time, so that the signature alone has to notice
// another one.
func verifyStandard(h http.Header, body, secret []byte) error {
	standard, err := delivery.NewStandard([][]byte{secret})
	if err != nil {
		return err
	}
	standard.Tolerance = math.MaxInt64
	return standard.Verify(h, body, time.Unix(1900000000, 0))
}

// signed is one message with its proof, as it is sent.
func (p proof) signed(t *testing.T, body, random []byte) (header http.Header, public []byte) {
	t.Helper()
	private, public := p.secret(random)
	message := delivery.Message{ID: "d1", At: time.Unix(1900000000, 0), Body: body}
	header, err := delivery.Sign(p.auth, [][]byte{private}, message)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.verify(header, body, public); err != nil {
		t.Fatalf("%s as signed: %v", p.name, err)
	}
	return header, public
}

// flipsUnseen reports where a flip of the bit is accepted.
func (p proof) flipsUnseen(header http.Header, body, public []byte, bit uint) []string {
	var unseen []string
	if len(body) > 0 && p.verify(header, flip(body, bit), public) == nil {
		unseen = append(unseen, "the body")
	}
	for _, name := range p.headers {
		bad := header.Clone()
		bad.Set(name, string(flip([]byte(header.Get(name)), bit)))
		if p.verify(bad, body, public) == nil {
			unseen = append(unseen, name)
		}
	}
	return unseen
}

func flip(data []byte, bit uint) []byte {
	changed := append([]byte{}, data...)
	bit %= uint(len(data) * 8)
	changed[bit/8] ^= 1 << (bit % 8)
	return changed
}

// longest is more bits than any part of the signed messages below has.
const longest = 8 * 128

func TestEveryFlippedBitIsSeen(t *testing.T) {
	t.Parallel()
	for _, p := range proofs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			body := []byte(kineticBody)
			header, public := p.signed(t, body, []byte("a secret"))
			for bit := range uint(longest) {
				for _, where := range p.flipsUnseen(header, body, public, bit) {
					t.Errorf("bit %d of %s was flipped unseen", bit, where)
				}
			}
		})
	}
}

func FuzzNoBitFlipIsAccepted(f *testing.F) {
	for kind := range proofs {
		f.Add(uint(kind), []byte(kineticBody), []byte("secret"), uint(3))
		f.Add(uint(kind), []byte{}, []byte("k"), uint(700))
		f.Add(uint(kind), []byte("id.1.body"), []byte{0}, uint(107))
	}
	f.Fuzz(func(t *testing.T, kind uint, body, secret []byte, bit uint) {
		if len(secret) == 0 {
			return
		}
		p := proofs[kind%uint(len(proofs))]
		header, public := p.signed(t, body, secret)
		for _, where := range p.flipsUnseen(header, body, public, bit) {
			t.Errorf("%s: bit %d of %s was flipped unseen", p.name, bit, where)
		}
	})
}
