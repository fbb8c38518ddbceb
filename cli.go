package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// cli is every command of hooktree, with its flags.
type cli struct {
	Serve     serveCommand     `cmd:"" help:"Serve a space."`
	Check     checkCommand     `cmd:"" help:"Check a space, or single files of it."`
	Run       runCommand       `cmd:"" help:"Run a tree once, in memory, on an event."`
	Schema    schemaCommand    `cmd:"" help:"Print the JSON Schema of a kind of file, for editors."`
	Fire      fireCommand      `cmd:"" help:"Post events to a running server."`
	Subscribe subscribeCommand `cmd:"" help:"Subscribe sources of a space at their platforms."`
	Token     tokenCommand     `cmd:"" help:"Make, list and revoke tokens for programs."`
	Client    clientCommand    `cmd:"" help:"Make, list and revoke clients of REST hooks."`
	User      userCommand      `cmd:"" help:"Make, list, change and remove users."`
	Backup    backupCommand    `cmd:"" help:"Copy the database, while a server runs or not."`
	Version   versionCommand   `cmd:"" help:"Print the version of this binary."`
}

// host is what a command gets from the machine that it runs on.
type host struct {
	in    io.Reader
	out   io.Writer // a command's answer
	err   io.Writer // what people should know besides
	sleep func(context.Context, time.Duration) error
}

// sleep waits for d to pass, or for ctx to end.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Exit codes of every command.
const (
	exitOK     = 0
	exitFailed = 1 // the command ran and its answer is no
	exitUsage  = 2 // the command line, the environment or the config file is wrong
)

// run carries out the command that args name and returns the exit code.
func run(ctx context.Context, args []string, h host) int {
	var commands cli
	exited := false
	parser, err := newParser(&commands,
		kong.Writers(h.out, h.err),
		kong.Exit(func(int) { exited = true }), // after --help
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(h),
	)
	if err != nil {
		return report(h, exitUsage, err)
	}
	parsed, err := parser.Parse(args)
	switch {
	case exited:
		return exitOK
	case err != nil:
		return report(h, exitUsage, err)
	}
	return outcome(h, parsed.Run())
}

// errNo is how a command ends whose answer is no, and which has said why.
var errNo = errors.New("the answer is no")

// usageError is a mistake in the command line that only the command could see.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// outcome tells the user what a command ended with, and gives its exit code.
func outcome(h host, err error) int {
	switch _, usage := errors.AsType[usageError](err); {
	case err == nil:
		return exitOK
	case errors.Is(err, errNo):
		return exitFailed
	case usage:
		return report(h, exitUsage, err)
	default:
		return report(h, exitFailed, err)
	}
}

// newParser returns the parser of commands: every flag also by environment, and
// by a config file where there is a flag for one.
func newParser(commands any, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(commands, append(options,
		kong.Name("hooktree"),
		kong.Description("A workflow engine that platform events trigger."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.DefaultEnvars("HOOKTREE"),
		kong.Configuration(loadConfigFile),
		kong.Vars{"dialects": strings.Join(dialectNames(), ", ")},
	)...)
}

// commandOf names the command that a command line had come to.
func commandOf(wrong *kong.ParseError) string {
	if wrong.Context == nil || wrong.Context.Selected() == nil {
		return "hooktree"
	}
	return wrong.Context.Selected().FullPath()
}

// report tells the user what went wrong, once.
func report(h host, code int, err error) int {
	if wrong, ok := errors.AsType[*kong.ParseError](err); ok {
		err = fmt.Errorf("%w\nRun \"%s --help\" to see what there is", err, commandOf(wrong))
	}
	fmt.Fprintln(h.err, "hooktree:", err)
	return code
}
