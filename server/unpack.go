package server

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
)

// isPacked reports whether a Content-Encoding means anything.
func isPacked(coding []byte) bool {
	return len(coding) > 0 && !strings.EqualFold(string(coding), "identity")
}

func isGzip(coding []byte) bool {
	return strings.EqualFold(string(coding), "gzip") || strings.EqualFold(string(coding), "x-gzip")
}

// unpack reads a gzip body. It stops at the limit: a few kilobytes can unpack
// to gigabytes.
func unpack(packed []byte, limit int64) ([]byte, *Refusal) {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, notGzip(err)
	}
	body, err := io.ReadAll(io.LimitReader(reader, limit+1))
	if err != nil {
		return nil, notGzip(err)
	}
	if int64(len(body)) > limit {
		refusal := tooLarge(limit)
		return nil, &refusal
	}
	return body, nil
}

func notGzip(err error) *Refusal {
	return &Refusal{
		Status: http.StatusBadRequest, Code: "malformed_encoding",
		Message: "the body is not the gzip that its Content-Encoding says: " + clip(err.Error()) + "; send it whole, or without Content-Encoding",
	}
}
