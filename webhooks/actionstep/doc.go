// Package actionstep is Actionstep's dialect of REST hooks: the resource
// /api/rest/resthooks with its page that is an object when it holds one row,
// its twenty-one events, and deliveries that must be answered by 200.
//
// Where the vendor's documents are silent (the schedule of retries, what PUT
// with a status does, how its newer and older bodies of deliveries live side
// by side) the choice is ours and stands beside it; docs/actionstep.md lists
// them all.
//
// The package is pure: it neither stores nor sends.
package actionstep
