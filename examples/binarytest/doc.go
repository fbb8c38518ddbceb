// Package binarytest runs the programs of this module as processes of their
// own, the way that users run them: it is for tests that look from outside, and
// for nothing else.
//
//	func TestMain(m *testing.M) { binarytest.Main(m) }
//
//	func TestServe(t *testing.T) {
//		address := binarytest.Address(t)
//		p := binarytest.Start(t, binarytest.Command{
//			Path: binarytest.Build(t, "hooktree"),
//			Args: []string{"serve", "--listen", address},
//		})
//		p.UntilReady(address)
//	}
//
// It knows how a process starts, is ready, prints and ends. What a test asks of
// it meanwhile, and what stands in its space, is the test's.
package binarytest
