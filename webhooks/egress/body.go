package egress

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// tooLarge says that an answer was longer than the gate lets in.
type tooLarge struct{ limit int64 }

func (t *tooLarge) Error() string {
	return fmt.Sprintf("the answer is larger than %d bytes", t.limit)
}

// body is an answer's body: bounded, its errors classed, its deadline ended
// with it.
type body struct {
	from   io.ReadCloser
	left   int64 // bytes that may still be read
	limit  int64
	cancel context.CancelFunc
}

// Read gives at most limit bytes and then an error; a body of just that length
// ends as it should.
func (b *body) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
	if int64(n) > b.left {
		n = int(b.left)
		err = &tooLarge{limit: b.limit}
	}
	b.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = Classify(err)
	}
	return n, err
}

func (b *body) Close() error {
	defer b.cancel()
	if err := b.from.Close(); err != nil {
		return Classify(err)
	}
	return nil
}
