package sqlite

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"

	"hooktree/engine"
)

// packFrom is the size from which a payload is compressed. Smaller ones cost
// more time than they give room.
const packFrom = 4 << 10

// maxPayload bounds what unpacking may give, whatever the bytes claim.
const maxPayload = 64 << 20

// packer compresses and restores payloads. The zstd types are safe for
// concurrent use in their one-shot form.
type packer struct {
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

func newPacker() (packer, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(128<<10))
	if err != nil {
		return packer{}, err
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPayload))
	return packer{encoder: encoder, decoder: decoder}, err
}

// pack gives the bytes to store and whether they are compressed.
func (p packer) pack(body []byte) ([]byte, bool) {
	if body == nil {
		body = []byte{} // a payload is never null
	}
	if len(body) < packFrom {
		return body, false
	}
	packed := p.encoder.EncodeAll(body, make([]byte, 0, len(body)/4))
	if len(packed) >= len(body) {
		return body, false
	}
	return packed, true
}

func (p packer) unpack(stored []byte, packed bool) ([]byte, error) {
	if !packed {
		return stored, nil
	}
	body, err := p.decoder.DecodeAll(stored, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack a payload: %w", err)
	}
	return body, nil
}

// idBytes is a UUID as the tables keep it; nil for an empty one.
func idBytes(id string) ([]byte, error) {
	if id == "" {
		return nil, nil
	}
	u, err := uuid.Parse(id)
	if err != nil {
		return nil, fmt.Errorf("id %q: %w", id, err)
	}
	return u[:], nil
}

// sought is the stored form of an id that somebody asks for; a text that is no
// id becomes null, which no row has.
func sought(id string) []byte {
	key, err := idBytes(id)
	if err != nil {
		return nil
	}
	return key
}

// idText is the text of a stored UUID; empty for none.
func idText(b []byte) string {
	if len(b) != 16 {
		return ""
	}
	return uuid.UUID(b).String()
}

// asJSON is the stored form of a value, null for a nil one.
func asJSON(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	return json.Marshal(v)
}

// valueJSON is the stored form of a value of a tree, null for a nil one.
func valueJSON(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	return engine.AppendValue(nil, v)
}
