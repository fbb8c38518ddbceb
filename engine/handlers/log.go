package handlers

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"unicode/utf8"

	"hooktree/engine"
	"hooktree/engine/masking"
)

// maxLogged bounds the message, and each field, of one line in the log.
const maxLogged = 8 << 10

// Log writes a line to the server's log.
func Log(logger *slog.Logger) Handler {
	spec := &engine.Spec{
		Name: "log",
		Help: "Writes a line to the server's log, with the number of the run and the node.",
		Params: []engine.Param{
			{Name: "message", Type: engine.Type{Kind: engine.KindText}, Required: true, Help: "what happened, in a sentence"},
			{
				Name: "level", Type: engine.Type{Kind: engine.KindText}, Default: "info",
				Enum: []any{"debug", "info", "warn", "error"}, Help: "how much it matters",
			},
			{Name: "fields", Type: engine.Type{Kind: engine.KindMap}, Help: "values beside the message, by name"},
		},
		Errors: []engine.Class{classInvalid},
	}
	return Handler{Spec: spec, Act: func(ctx context.Context, call Call) (map[string]any, error) {
		params, err := Bind(spec, call.Params)
		if err != nil {
			return nil, invalid(err)
		}
		mask := masking.New(call.Secrets)
		logger.LogAttrs(ctx, levelOf(text(params["level"])), cut(mask.Text(text(params["message"])), maxLogged),
			slog.Int64("run", call.Number),
			slog.String("node", string(call.Node)),
			slog.Attr{Key: "fields", Value: fieldsOf(mask, mapping(params["fields"]))},
		)
		return map[string]any{}, nil
	}}
}

func levelOf(name string) slog.Level {
	switch name {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	default:
		return slog.LevelInfo
	}
}

// fieldsOf makes a group in the order of the names; an empty group is left out
// of the line.
func fieldsOf(mask masking.Masker, fields map[string]any) slog.Value {
	var attrs []slog.Attr
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := mask.Value(fields[name])
		if s, ok := value.(string); ok {
			value = cut(s, maxLogged)
		}
		attrs = append(attrs, slog.Any(mask.Text(name), value))
	}
	return slog.GroupValue(attrs...)
}

// cut shortens text to at most limit bytes, between two characters.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
