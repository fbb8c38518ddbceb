// Package dialecttest is the conformance suite of dialects: what every one of
// them must do, whatever vendor it speaks like.
//
// A dialect's test fills a [Dialect] with the vendor's documented calls and
// statuses, and with functions that read answers the way the vendor's clients
// do, and hands it to the suite:
//
//	func TestDialect_conforms(t *testing.T) { dialecttest.Run(t, table()) }
//	func FuzzParse(f *testing.F)            { dialecttest.FuzzParse(f, table()) }
//
// [Run] holds the pure half against the table: Parse, Render, Offers, Compose
// and Traits. [Live] plays the same table over HTTP against a server that runs,
// with a receiver of its own. [OpenAPI] holds requests and answers against a
// vendor's OpenAPI, with each deviation named.
//
// The suite knows no vendor, and says nothing about whether a table is true:
// what a vendor documents, each dialect's own tests show.
package dialecttest
