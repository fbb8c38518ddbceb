package dialecttest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"gopkg.in/yaml.v3"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// inForm holds an answer against HTTP and its own content type.
func inForm(r subscription.Response) error {
	if r.Status < 200 || r.Status > 599 || http.StatusText(r.Status) == "" {
		return fmt.Errorf("%d is no status of an answer", r.Status)
	}
	for name, values := range r.Header {
		for _, value := range values {
			if strings.ContainsAny(name+value, "\r\n\x00") {
				return fmt.Errorf("the header %q holds a line break", name)
			}
		}
	}
	if r.Status == http.StatusNoContent {
		if len(r.Body) > 0 {
			return fmt.Errorf("the answer is 204 and has a body: %.200s", r.Body)
		}
		return nil
	}
	if len(r.Body) == 0 {
		return fmt.Errorf("the answer %d has no body", r.Status)
	}
	return ofType(r.Header.Get("Content-Type"), r.Body)
}

// ofType reads a body as its content type says.
func ofType(contentType string, body []byte) error {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("the content type %q is none: %w", contentType, err)
	}
	switch {
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		if _, fault := event.Decode(body); fault != nil {
			return fmt.Errorf("the body is no %s: %s: %.200s", media, fault.Text, body)
		}
		return nil
	case strings.HasSuffix(media, "/xml") || strings.HasSuffix(media, "+xml"):
		return readXML(body)
	case strings.HasSuffix(media, "yaml"):
		var v any
		return yaml.Unmarshal(body, &v)
	case media == "application/x-www-form-urlencoded":
		_, err := url.ParseQuery(string(body))
		return err
	}
	return fmt.Errorf("the content type %s is none that an answer of a dialect has", media)
}

func readXML(body []byte) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	elements := 0
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && elements > 0:
			return nil
		case err != nil:
			return fmt.Errorf("the body is no XML: %w", err)
		}
		if _, ok := token.(xml.StartElement); ok {
			elements++
		}
	}
}
