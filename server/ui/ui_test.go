package ui_test

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"hooktree/server/ui"
)

func TestFiles_startWithAPage(t *testing.T) {
	t.Parallel()

	page := read(t, ui.Files(), "index.html")
	if !strings.Contains(page, "<title>hooktree</title>") {
		t.Errorf("index.html = %.80q...; want a page with the title hooktree", page)
	}
}

func TestFiles_areTheBuiltPagesWhenThereAreAny(t *testing.T) {
	t.Parallel()

	files := ui.Choose(fstest.MapFS{
		"dist/placeholder.html":   {Data: []byte("not built")},
		"dist/app/index.html":     {Data: []byte("built")},
		"dist/app/assets/main.js": {Data: []byte("run()")},
	})
	for name, want := range map[string]string{"index.html": "built", "assets/main.js": "run()"} {
		if got := read(t, files, name); got != want {
			t.Errorf("%s = %q; want %q", name, got, want)
		}
	}
	if _, err := files.Open("placeholder.html"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open placeholder.html: %v; want %v: a built UI needs none", err, fs.ErrNotExist)
	}
}

func TestFiles_sayWhatToDoWhenNothingWasBuilt(t *testing.T) {
	t.Parallel()

	files := ui.Choose(unbuilt())
	page := read(t, files, "index.html")
	for _, want := range []string{"without its pages", "make build", `href="/placeholder.css"`} {
		if !strings.Contains(page, want) {
			t.Errorf("index.html holds no %q", want)
		}
	}
	if style := read(t, files, "placeholder.css"); !strings.Contains(style, "prefers-color-scheme") {
		t.Error("placeholder.css knows no dark screen")
	}
	for _, name := range []string{"dist/placeholder.html", "assets/main.js", "../ui.go"} {
		if _, err := files.Open(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open %s: %v; want %v", name, err, fs.ErrNotExist)
		}
	}
}

// A policy of `default-src 'self'` runs and draws nothing that stands in a page.
func TestPages_haveNoScriptOrStyleInThem(t *testing.T) {
	t.Parallel()

	inline := regexp.MustCompile(`(?i)<style|style=|<script>|\son[a-z]+=|https?://`)
	pages := map[string]string{
		"placeholder.html": read(t, ui.Choose(unbuilt()), "index.html"),
		"index.html":       read(t, ui.Files(), "index.html"),
	}
	for name, page := range pages {
		if found := inline.FindString(page); found != "" {
			t.Errorf("%s holds %q; put it into a file of its own", name, found)
		}
	}
}

// unbuilt are the files of a fresh clone.
func unbuilt() fs.FS {
	return fstest.MapFS{
		"dist/placeholder.html": {Data: file("dist/placeholder.html")},
		"placeholder.css":       {Data: file("placeholder.css")},
	}
}

func file(name string) []byte {
	text, err := os.ReadFile(name)
	if err != nil {
		panic(err) // it stands beside this test
	}
	return text
}

func read(t *testing.T, files fs.FS, name string) string {
	t.Helper()

	content, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return string(content)
}
