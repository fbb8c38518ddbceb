package engine_test

import (
	"testing"

	"hooktree/engine"
)

func TestNode_Does_saysItInOneWord(t *testing.T) {
	t.Parallel()

	http := &engine.Handler{Spec: &engine.Spec{Name: "http"}}
	tests := []struct {
		want string
		node engine.Node
	}{
		{"http", engine.Node{Handler: http}},
		{"http", engine.Node{Handler: http, Loop: &engine.Loop{}}},
		{"routine", engine.Node{Routine: &engine.Routine{}}},
		{"loop", engine.Node{Loop: &engine.Loop{}}},
		{"wait", engine.Node{Wait: &engine.Wait{}}},
		{"return", engine.Node{Return: constant{"x"}}},
		{"reply", engine.Node{Reply: constant{"x"}}},
		{"defer", engine.Node{Defer: &engine.Defer{}}},
		{"waypoint", engine.Node{}},
		{"waypoint", engine.Node{Handler: &engine.Handler{}}}, // a version whose handler is gone
	}
	for _, tt := range tests {
		if got := tt.node.Does(); got != tt.want {
			t.Errorf("Does of %+v = %q; want %q", tt.node, got, tt.want)
		}
	}
}
