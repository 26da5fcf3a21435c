package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// maxConfig bounds the configuration that [Serve] reads, bytes.
const maxConfig = 1 << 20

// Serve is the whole of a child process that a [Child] started: it reads one
// line of JSON, a [Config], from in, runs a [Server] with it, and stops when ctx
// ends or when in is closed, which it is when the parent dies.
func Serve(ctx context.Context, in io.Reader, log *slog.Logger) error {
	r := bufio.NewReader(in)
	line, err := readLine(r)
	if errors.Is(err, io.EOF) {
		return errors.New("no configuration on standard input; `yagura up` starts the engine and writes it")
	}
	if err != nil {
		return fmt.Errorf("read engine configuration: %w", err)
	}
	var cfg Config
	if err := json.Unmarshal(line, &cfg); err != nil {
		return fmt.Errorf("read engine configuration: %w", err)
	}
	s, err := New(cfg, log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, r) // any end of it means the parent is gone
	}()
	return s.Run(ctx)
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, more, err := r.ReadLine()
		line = append(line, part...)
		switch {
		case err != nil:
			return nil, err
		case len(line) > maxConfig:
			return nil, fmt.Errorf("larger than %d bytes", maxConfig)
		case !more:
			return line, nil
		}
	}
}
