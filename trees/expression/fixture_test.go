package expression_test

import (
	"time"

	"hooktree/engine"
	"hooktree/trees/expression"
)

func of(k engine.Kind) engine.Type { return engine.Type{Kind: k} }

func record(fields map[string]engine.Type) engine.Type {
	return engine.Type{Kind: engine.KindRecord, Fields: fields}
}

func listOf(elem engine.Type) engine.Type {
	return engine.Type{Kind: engine.KindList, Elem: &elem}
}

// desk is what an expression of a laptop request may name.
func desk() *expression.Env {
	item := record(map[string]engine.Type{"sku": of(engine.KindText), "qty": of(engine.KindInteger)})
	return &expression.Env{
		Secrets: []string{"HR_TOKEN", "SIGNING_KEY"},
		Answers: []string{"values"}, Optional: []string{"previous"},
		Names: map[string]engine.Type{
			"values": record(map[string]engine.Type{
				"Cost": of(engine.KindNumber), "Quantity": of(engine.KindInteger), "Needed By": of(engine.KindText),
				"Notes": of(engine.KindText), "Approved": of(engine.KindBool), "Items": listOf(item),
				"Tags": of(engine.KindList), "Extra": of(engine.KindAny), "Due": of(engine.KindTime),
			}),
			"nodes": record(map[string]engine.Type{
				"approval": record(map[string]engine.Type{"decision": of(engine.KindText), "url": of(engine.KindText)}),
				"manager":  record(map[string]engine.Type{"body": of(engine.KindAny), "status": of(engine.KindInteger)}),
				"order":    listOf(record(map[string]engine.Type{"po_number": of(engine.KindText)})),
			}),
			"run":      record(map[string]engine.Type{"now": of(engine.KindTime), "number": of(engine.KindInteger)}),
			"error":    of(engine.KindAny),
			"previous": {Kind: engine.KindMap},
			"inputs":   of(engine.KindAny),
			"space":    {Kind: engine.KindMap},
		},
	}
}

// request is one laptop request: its approval has not been decided.
func request() engine.Scope {
	return engine.Scope{
		"values": map[string]any{
			"Cost": 2400.5, "Quantity": int64(3), "Needed By": "2026-03-01", "Approved": true,
			"Items": []any{
				map[string]any{"sku": "laptop", "qty": int64(2)},
				map[string]any{"sku": "bag", "qty": int64(0)},
			},
			"Tags":  []any{"new", "it", "new"},
			"Extra": map[string]any{"id": int64(9007199254740993), "parts": []any{int64(1), 2.5}},
			"Due":   time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
		},
		"nodes": map[string]any{
			"approval": nil,
			"manager":  map[string]any{"status": int64(200), "body": map[string]any{"email": "manager@example.com"}},
			"order":    []any{map[string]any{"po_number": "PO-1"}, map[string]any{"po_number": "PO-2"}},
		},
		"run":    map[string]any{"now": time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), "number": int64(7)},
		"error":  map[string]any{"status": int64(429), "message": "slow down"},
		"inputs": map[string]any{"token": engine.Secret("HR_TOKEN"), "none": nil},
		"space":  map[string]any{"name": "acme"},
	}
}
