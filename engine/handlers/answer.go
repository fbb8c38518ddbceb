package handlers

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"hooktree/engine"
)

const (
	maxExcerpt = 1 << 10 // of an answer's body in a failure
	maxPeek    = 64 << 10
	maxWait    = 24 * time.Hour // that an answer may ask for
)

// statusError makes the failure of an answer with an unexpected status.
func statusError(req *http.Request, resp *http.Response) *Error {
	status := resp.StatusCode
	message := fmt.Sprintf("%s answered %s", describeRequest(req), strings.TrimSpace(strconv.Itoa(status)+" "+http.StatusText(status)))
	if at := resp.Header.Get("Location"); at != "" && status/100 == 3 {
		message += ", a redirect that was not followed"
	}
	excerpt, _ := io.ReadAll(io.LimitReader(resp.Body, maxPeek)) // what there is of it is enough
	return &Error{Failure: engine.Failure{
		Code:      codeStatus,
		Message:   message,
		Retryable: retryableStatus(status),
		Wait:      retryAfter(resp.Header),
		Detail: map[string]any{
			"status":  int64(status),
			"headers": headersOf(resp.Header),
			"body":    strings.ToValidUTF8(string(excerpt), "\uFFFD"),
		},
	}}
}

func retryableStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	default:
		return status >= 500
	}
}

// retryAfter reads how long the answer asks to wait. A date counts from the
// answer's own: the two clocks need not agree, and the handler has none.
func retryAfter(header http.Header) time.Duration {
	asked := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(asked, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, maxWait)
	}
	until, err := http.ParseTime(asked)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0
	}
	return min(max(until.Sub(now), 0), maxWait)
}

func headersOf(header http.Header) map[string]any {
	headers := make(map[string]any, len(header))
	for name, values := range header {
		headers[strings.ToLower(name)] = strings.ToValidUTF8(strings.Join(values, ", "), "\uFFFD")
	}
	return headers
}

// readBody reads an answer's body, at most limit bytes, by its content type.
func readBody(resp *http.Response, limit int) (any, error) {
	data, err := io.ReadAll(io.LimitReader(resp.Body, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(data) > limit {
		return nil, bodyError(codeTooBig, fmt.Errorf("the answer is larger than %d bytes: raise max_size", limit))
	}
	body, err := Decode(resp.Header.Get("Content-Type"), data)
	if err != nil {
		return nil, bodyError(codeBadBody, err)
	}
	return body, nil
}

func bodyError(code string, err error) *Error {
	return &Error{Failure: engine.Failure{Code: code, Message: err.Error()}, Cause: err}
}

// Decode reads a body by its content type: JSON as values, with integral
// numbers as int64; a form as a mapping; text and XML as text; anything else
// as text if it is that, else as base64. An empty body is nil.
func Decode(contentType string, data []byte) (any, error) {
	if len(data) == 0 {
		return nil, nil //nolint:nilnil // an empty body is nil in every language
	}
	media, params, _ := mime.ParseMediaType(contentType)
	switch {
	case media == "application/json", strings.HasSuffix(media, "+json"):
		return decodeJSON(data)
	case media == contentTypes[asForm]:
		return decodeForm(data)
	}
	decoded, err := toUTF8(params["charset"], data)
	if err != nil {
		return nil, err
	}
	if utf8.Valid(decoded) {
		return string(decoded), nil
	}
	if strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "xml") {
		return nil, fmt.Errorf("the answer says %s and is not text in UTF-8", contentType)
	}
	return base64.StdEncoding.EncodeToString(data), nil
}

func toUTF8(charset string, data []byte) ([]byte, error) {
	if charset == "" || strings.EqualFold(charset, "utf-8") {
		return withoutBOM(data), nil
	}
	encoding, err := htmlindex.Get(charset)
	if err != nil {
		return nil, fmt.Errorf("the answer's charset %q is not known", charset)
	}
	decoded, err := encoding.NewDecoder().Bytes(data)
	if err != nil {
		return nil, fmt.Errorf("the answer is not in %s: %w", charset, err)
	}
	return decoded, nil
}

func withoutBOM(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\uFEFF")) }

func decodeJSON(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(withoutBOM(data)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("the answer says JSON and is not: at byte %d: %w", decoder.InputOffset(), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the answer says JSON and goes on after its value, at byte %d", decoder.InputOffset())
	}
	return withNumbers(value)
}

// withNumbers gives integral numbers as int64 and the others as float64, in
// place.
func withNumbers(value any) (any, error) {
	var err error
	switch v := value.(type) {
	case json.Number:
		return number(v)
	case []any:
		for i := range v {
			if v[i], err = withNumbers(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for name := range v {
			if v[name], err = withNumbers(v[name]); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}

func number(n json.Number) (any, error) {
	if whole, err := n.Int64(); err == nil {
		return whole, nil
	}
	float, err := n.Float64()
	if err != nil {
		return nil, fmt.Errorf("the number %.40s is out of range", n)
	}
	return float, nil
}

func decodeForm(data []byte) (any, error) {
	form, err := url.ParseQuery(string(data))
	if err != nil {
		return nil, fmt.Errorf("the answer says form and is not: %w", err)
	}
	fields := make(map[string]any, len(form))
	for name, values := range form {
		if len(values) == 1 {
			fields[name] = values[0]
			continue
		}
		list := make([]any, len(values))
		for i, value := range values {
			list[i] = value
		}
		fields[name] = list
	}
	return fields, nil
}
