package delivery

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
)

// HeaderHMAC is where an HMAC stands when the webhook names no header.
const HeaderHMAC = "X-Hub-Signature-256"

// hubPrefix stands before the digest in HeaderHMAC, where receivers expect it,
// and in no other header.
const hubPrefix = "sha256="

// HMACSignature is the HMAC-SHA256 of body in lower-case hexadecimal.
func HMACSignature(secret, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func signHMAC(h http.Header, header string, secret, body []byte) error {
	name, prefix, err := hmacHeader(header)
	if err != nil {
		return err
	}
	h.Set(name, prefix+HMACSignature(secret, body))
	return nil
}

// hmacHeader gives the header's canonical name and what stands before the
// digest in it. Names that HTTP or another proof needs are refused.
func hmacHeader(header string) (name, prefix string, err error) {
	name = http.CanonicalHeaderKey(header)
	switch name {
	case "", HeaderHMAC:
		return HeaderHMAC, hubPrefix, nil
	case HeaderID, "Host", "Connection", "Content-Length", "Content-Type", "Transfer-Encoding":
		return "", "", fmt.Errorf("the header %s is taken: name another, such as X-Signature", name)
	}
	if !isToken(name) {
		return "", "", fmt.Errorf("%q is no name for a header: use letters, digits and hyphens", header)
	}
	return name, "", nil
}

func isToken(name string) bool {
	const tokens = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return strings.Trim(name, tokens) == ""
}

// VerifyHMAC checks the HMAC-SHA256 of a body in the named header
// ([HeaderHMAC] when empty), with or without `sha256=` before it.
func VerifyHMAC(h http.Header, header string, body []byte, secrets [][]byte) error {
	name, _, err := hmacHeader(header)
	if err != nil {
		return err
	}
	given := strings.TrimPrefix(h.Get(name), hubPrefix)
	if given == "" {
		return ErrUnsigned
	}
	return matchAny(given, secrets, func(secret []byte) string {
		return HMACSignature(secret, body)
	})
}
