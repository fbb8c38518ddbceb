package ui

// Choose is choose, for tests that bring their own files.
var Choose = choose
