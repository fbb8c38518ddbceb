// Package storetest is the conformance suite of the store that package jobs
// declares. Every store passes it, so that whatever holds for one of them
// holds for the shell above:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Store { return memory.New() })
//	}
//
// It looks at a store through its interfaces alone. How fast a store is, and
// what it does to files, is for its own tests.
package storetest
