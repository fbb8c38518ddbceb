package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"hooktree/engine"
	"hooktree/server"
)

// fireCommand is hooktree fire.
type fireCommand struct {
	Files       []string      `arg:"" name:"EVENT.json" help:"Files with an event, or a list of them; - reads standard input."`
	Server      *url.URL      `default:"http://127.0.0.1:8470" help:"Server to post to."`
	Token       string        `placeholder:"TOKEN" help:"API token to post with."`
	Wait        bool          `env:"-" help:"Wait for each run to end, and fail unless all complete."`
	WaitTimeout time.Duration `default:"5m" help:"How long to wait for all of them."`
}

// Help is what --help shows besides the flags.
func (*fireCommand) Help() string {
	return `Shows for each event what every webhook made of it: which fired, which did not, and why. An event file holds one
event, a list of them, or a CloudEvent. Exits with 1 where the server refuses a file or, with --wait, where a run does not
complete.

  hooktree fire events/laptop.json
  hooktree fire --wait events/*.json
  generate-events | hooktree fire - --server https://flows.example.com`
}

// Run posts the events and shows what became of them. What was accepted is
// shown even where a later file is refused: it will run.
func (c *fireCommand) Run(ctx context.Context, h host) error {
	client := newAPIClient(c.Server, c.Token, h)
	var fired volley
	err := c.post(ctx, client, h, &fired)
	fired.print(h.out)
	if err != nil || !c.Wait {
		return err
	}
	return c.await(ctx, client, h, &fired)
}

// post sends each file and keeps the answers in fired.
func (c *fireCommand) post(ctx context.Context, client *apiClient, h host, fired *volley) error {
	bar := newBar(h.err, len(c.Files), "files posted")
	defer bar.Finish() //nolint:errcheck // a bar that can't be drawn is no fault
	for _, name := range c.Files {
		text, err := readEventFile(name, h.in)
		if err != nil {
			return err
		}
		contentType, err := eventType(name, text)
		if err != nil {
			return err
		}
		var answer server.Receipts
		if err := client.post(ctx, "events", contentType, text, &answer); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fired.add(answer.Events)
		_ = bar.Add(1)
	}
	return nil
}

// await shows each run of fired when it ends.
func (c *fireCommand) await(ctx context.Context, client *apiClient, h host, fired *volley) error {
	ctx, cancel := context.WithTimeout(ctx, c.WaitTimeout)
	defer cancel()
	bar := newBar(h.err, len(fired.runs), "runs ended")
	defer bar.Finish() //nolint:errcheck // a bar that can't be drawn is no fault

	report := runReport{total: len(fired.runs), counts: map[engine.RunStatus]int{}}
	for _, number := range fired.runs {
		run, err := awaitRun(ctx, client, number)
		if err != nil {
			return err
		}
		report.add(h.out, withErrors(ctx, client, run))
		_ = bar.Add(1)
	}
	return report.end(h.out)
}

const (
	firstPoll = 50 * time.Millisecond
	lastPoll  = 2 * time.Second
)

// awaitRun asks for a run until it has ended or needs a person.
func awaitRun(ctx context.Context, client *apiClient, number int64) (server.Run, error) {
	var last server.Run
	for pause := firstPoll; ; pause = min(2*pause, lastPoll) {
		var run server.Run
		err := client.get(ctx, fmt.Sprintf("runs/%d", number), &run)
		if err == nil {
			if last = run; ended(run.Status) {
				return run, nil
			}
			err = client.sleep(ctx, pause)
		}
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return run, fmt.Errorf("run #%d has not ended in time%s; it goes on, and --wait-timeout waits longer",
				number, stillDoing(last))
		case err != nil:
			return run, fmt.Errorf("run #%d: %w", number, err)
		}
	}
}

// maxErrorsShown is how many errors of one run are shown.
const maxErrorsShown = 5

// withErrors asks what stopped a run. A server that does not tell leaves it at
// what the run itself says.
func withErrors(ctx context.Context, client *apiClient, run server.Run) endedRun {
	if run.Status != engine.RunError {
		return endedRun{Run: run}
	}
	var answer struct {
		Errors []server.Error `json:"errors"`
	}
	query := url.Values{"run": {strconv.FormatInt(run.Number, 10)}, "status": {"Open"}, "limit": {strconv.Itoa(maxErrorsShown)}}
	if err := client.get(ctx, "errors?"+query.Encode(), &answer); err != nil {
		return endedRun{Run: run}
	}
	return endedRun{Run: run, errors: answer.Errors}
}

// ended reports whether a run moves no more by itself.
func ended(s engine.RunStatus) bool {
	return s == engine.RunComplete || s == engine.RunCancelled || s == engine.RunError
}

// stillDoing says in an error what run was last seen doing.
func stillDoing(run server.Run) string {
	switch {
	case run.Status == "":
		return ""
	case run.WaitingFor == "":
		return fmt.Sprintf(" (it is %s)", run.Status)
	default:
		return fmt.Sprintf(" (it is %s: %s)", run.Status, run.WaitingFor)
	}
}

// newBar returns a progress bar that is seen on a terminal, for more than a few.
func newBar(w io.Writer, total int, what string) *progressbar.ProgressBar {
	file, isFile := w.(*os.File)
	seen := isFile && isatty.IsTerminal(file.Fd()) && total > few
	return progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetVisibility(seen),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(),
	)
}
