// Package examples holds spaces that run, one lesson each, and the tests that
// run them: every event file of a space is posted to the real binary, and what
// became of it is compared with the text beside it. It is no library.
package examples
