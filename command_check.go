package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"hooktree/trees"
)

// checkCommand is hooktree check.
type checkCommand struct {
	Paths []string `arg:"" name:"DIR|FILE" help:"Directories of spaces, or single files of them."`
	JSON  bool     `name:"json" env:"-" help:"Answer in JSON."`
}

// Help is what --help shows besides the flags.
func (*checkCommand) Help() string {
	return `Checks what "hooktree serve" would load: every fault and warning with its place, the text and what to do about it.
A file is checked against the space that it lies in (the nearest directory above it with a space.yaml), else by itself.
Exits with 1 where there is a fault; warnings alone leave 0.

  hooktree check examples/service-desk
  hooktree check examples/service-desk/trees/laptop-request.yaml
  hooktree check . --json | jq '.found[].message'`
}

// Run checks and tells what it found.
func (c *checkCommand) Run(h host) error {
	var found findings
	for _, path := range c.Paths {
		if err := found.check(path); err != nil {
			return err
		}
	}
	if err := found.tell(h.out, c.JSON); err != nil {
		return err
	}
	if found.Faults > 0 {
		return errNo
	}
	return nil
}

// findings is what a check found, over all that it was asked about.
type findings struct {
	Trees    int          `json:"trees"`
	Webhooks int          `json:"webhooks"`
	Faults   int          `json:"faults"`
	Warnings int          `json:"warnings"`
	Found    trees.Faults `json:"found"`

	elsewhere []string // sentences about faults in files that were not asked about
}

// check adds what is wrong at a path.
func (f *findings) check(path string) error {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return f.checkFile(path)
	}
	files, err := readSpace(path)
	if err != nil {
		return err
	}
	s := checkSpace(path, files)
	f.Trees += s.treeFiles()
	f.Webhooks += len(s.webhooks)
	f.add(&s, s.faults)
	return nil
}

// checkFile adds what is wrong in one file. Faults in the other files of its
// space are counted only, because its author may not be theirs.
func (f *findings) checkFile(name string) error {
	placed, err := placeFile(name)
	if err != nil {
		return err
	}
	s, err := placed.check()
	if err != nil {
		return err
	}
	var own trees.Faults
	others := 0
	for _, fault := range s.faults {
		switch {
		case fault.File == placed.path:
			own = append(own, fault)
		case fault.Severity == trees.SeverityFault:
			others++
		}
	}
	if isTreeFile(placed.path) {
		f.Trees++
	} else {
		f.Webhooks += len(s.webhooks)
	}
	if others > 0 {
		f.elsewhere = append(f.elsewhere, fmt.Sprintf("other files of %s have %s; `hooktree check %s` shows them",
			s.root, counted(others, "fault"), s.root))
	}
	f.add(&s, own)
	return nil
}

// add takes up faults, by paths that people can open.
func (f *findings) add(s *checkedSpace, faults trees.Faults) {
	f.Faults += len(faults.Fatal())
	f.Warnings += len(faults.Warnings())
	for _, fault := range faults {
		fault.File = s.shown(fault.File)
		f.Found = append(f.Found, fault)
	}
}

// tell shows what was found.
func (f *findings) tell(w io.Writer, asJSON bool) error {
	if asJSON {
		if f.Found == nil {
			f.Found = trees.Faults{}
		}
		return writeJSON(w, f)
	}
	for _, fault := range f.Found {
		fmt.Fprintln(w, fault.Render())
	}
	for _, sentence := range f.elsewhere {
		fmt.Fprintln(w, sentence)
	}
	_, err := fmt.Fprintf(w, "%s, %s, %s, %s\n", counted(f.Trees, "tree"), counted(f.Webhooks, "webhook"),
		counted(f.Faults, "fault"), counted(f.Warnings, "warning"))
	return err
}

// writeJSON writes an answer for programs.
func writeJSON(w io.Writer, answer any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(answer)
}

// counted writes a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
