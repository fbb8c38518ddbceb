package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// cli is every command of hooktree, with its flags.
type cli struct {
	Version versionCommand `cmd:"" help:"Print the version of this binary."`
}

// streams are where a command writes: out is its answer, err is for people.
type streams struct {
	out io.Writer
	err io.Writer
}

// Exit codes of every command.
const (
	exitOK     = 0
	exitFailed = 1 // the command ran and its answer is no
	exitUsage  = 2 // the command line, the environment or the config file is wrong
)

// run carries out the command that args name and returns the exit code.
func run(ctx context.Context, args []string, std streams) int {
	var commands cli
	exited := false
	parser, err := kong.New(&commands,
		kong.Name("hooktree"),
		kong.Description("A workflow engine that platform events trigger."),
		kong.Writers(std.out, std.err),
		kong.Exit(func(int) { exited = true }), // after --help
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err != nil {
		return report(std, exitUsage, err)
	}
	parsed, err := parser.Parse(args)
	switch {
	case exited:
		return exitOK
	case err != nil:
		return report(std, exitUsage, err)
	}
	if err := parsed.Run(); err != nil {
		return report(std, exitFailed, err)
	}
	return exitOK
}

// report tells the user what went wrong, once.
func report(std streams, code int, err error) int {
	if _, ok := errors.AsType[*kong.ParseError](err); ok {
		err = fmt.Errorf("%w\nRun \"hooktree --help\" to see what there is", err)
	}
	fmt.Fprintln(std.err, "hooktree:", err)
	return code
}
