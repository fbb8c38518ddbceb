package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server that the benchmark started.
type process struct {
	command *exec.Cmd
	log     bytes.Buffer
	addr    string
	ready   time.Duration // from its start to its first good answer
	ended   chan error
}

// startProcess starts a server on a free port and waits until it answers at a
// path with 200.
func startProcess(ctx context.Context, path string, environment []string, command func(addr string) []string) (*process, error) {
	addr, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	args := command(addr)
	p := &process{command: exec.CommandContext(ctx, args[0], args[1:]...), addr: addr, ended: make(chan error, 1)}
	p.command.Env = append(os.Environ(), environment...)
	p.command.Stdout, p.command.Stderr = &p.log, &p.log
	began := time.Now()
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	go func() { p.ended <- p.command.Wait() }()
	if err := p.await(ctx, "http://"+addr+path); err != nil {
		_ = p.command.Process.Kill()
		return nil, fmt.Errorf("%s: %w\n%s", args[0], err, p.log.String())
	}
	p.ready = time.Since(began)
	return p, nil
}

// freeAddress is a loopback address that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// await asks every few milliseconds until the server answers 200.
func (p *process) await(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case err := <-p.ended:
			p.ended <- err
			return fmt.Errorf("ended before it was ready: %w", err)
		case <-ctx.Done():
			return errors.New("was not ready in time")
		}
	}
}

// clockTick is the unit in which Linux tells a process's time, whatever the
// kernel's own.
const clockTick = 10 * time.Millisecond

// cpu is the processor time that the server has used.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.command.Process.Pid), "stat"))
	if err != nil {
		return 0, err
	}
	// The name in parentheses may hold spaces; user and system time are the
	// twelfth and thirteenth field behind it.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("the system tells a process's time in another form: %q", text)
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}

// stop asks the server to end and waits for it.
func (p *process) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-p.ended:
		if err != nil {
			return fmt.Errorf("stop: %w\n%s", err, p.log.String())
		}
		return nil
	case <-time.After(30 * time.Second):
		_ = p.command.Process.Kill()
		return errors.New("the server did not end within 30 s")
	}
}

// peakMemory is the most memory that the server has held, in bytes.
func (p *process) peakMemory() (int64, error) {
	file, err := os.Open(filepath.Join("/proc", strconv.Itoa(p.command.Process.Pid), "status"))
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }() // only read from
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("the system does not tell a process's peak memory")
}
