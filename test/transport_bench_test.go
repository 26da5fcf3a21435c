package test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"yagura/ingest"
	"yagura/ingest/syslog"
	"yagura/internal/bus"
)

const senderKey = "YAGURA_BENCH_SENDER" // network, address, lines: this process is a sender

// TestBenchSender is no test: the sender of BenchmarkReceiveToBus, as a process of its
// own, so that its processor time is not counted.
func TestBenchSender(t *testing.T) {
	words := strings.Fields(os.Getenv(senderKey))
	if len(words) != 3 {
		t.Skip("a part of BenchmarkReceiveToBus")
	}
	lines, _ := strconv.Atoi(words[2])
	if err := sendLines(words[0], words[1], lines); err != nil {
		t.Fatal(err)
	}
}

// sendLines sends the mix. UDP is held to 30,000 lines a second, which any machine
// receives.
func sendLines(network, address string, lines int) (err error) {
	dial := map[string]string{"udp": "udp"}[network]
	if dial == "" {
		dial = "tcp"
	}
	conn, err := net.Dial(dial, address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(benchLimit(lines))); err != nil {
		return err
	}
	if network == "tls" {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // our own, on this host
	}
	stamp, answered := time.Now().Format(time.Stamp), make(chan error, 1)
	if network == "relp" {
		go func() { // its answers: one "N rsp 6 200 OK" each
			_, err := io.Copy(io.Discard, conn)
			answered <- err
		}()
	}
	var b []byte
	begun := time.Now()
	for n := range lines {
		line := strings.NewReplacer("@", stamp, "#", fmt.Sprintf("%010d", n)).Replace(mix[n%len(mix)])
		switch network {
		case "udp":
			b = append(b, line...)
		case "relp":
			b = fmt.Appendf(b, "%d syslog %d %s\n", n%999_999_999+1, len(line), line)
		default:
			b = fmt.Appendf(b, "%d %s", len(line), line)
		}
		if network == "udp" || len(b) > 32<<10 || n == lines-1 {
			if _, err := conn.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
		if network == "udp" && n%300 == 299 {
			time.Sleep(time.Until(begun.Add(time.Duration(n) * time.Second / 30_000)))
		}
	}
	if network == "relp" {
		_, err = io.WriteString(conn, "1 close 0\n")
		return errors.Join(err, <-answered)
	}
	return nil
}

// benchLimit is how long the sending of lines may take: a receiver that stops reading, or
// answering, ends a benchmark instead of holding it.
func benchLimit(lines int) time.Duration {
	return 30*time.Second + time.Duration(lines)*time.Second/5_000
}

// BenchmarkReceiveToBus receives over real sockets into a real embedded bus, where
// every block is synced: the processor time of a line, of all but the sender, which is
// another process. Nothing is parsed.
func BenchmarkReceiveToBus(b *testing.B) {
	ca := newPKI(b)
	ca.sign("log01")
	for _, network := range []string{"udp", "tcp", "tls", "relp"} {
		b.Run(network, func(b *testing.B) {
			cfg := syslog.Config{Network: network, Address: "127.0.0.1:0"}
			if network == "tls" {
				cfg.TLS = syslog.TLSFiles{Cert: ca.path("log01.pem"), Key: ca.path("log01.key")}
			}
			receiveToBus(b, cfg)
		})
	}
}

func receiveToBus(b *testing.B, cfg syslog.Config) {
	b.Helper()
	log := slog.New(slog.DiscardHandler)
	store, err := bus.Open(b.Context(), bus.Config{Dir: b.TempDir(), Tenant: "demo", Node: "n1", Reserve: 1}, log)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	packer := ingest.NewPacker(ingest.Config{Tenant: "demo", Node: "n1", Epoch: uint64(time.Now().UnixNano())}, store, log)
	l, err := syslog.New(cfg, packer, func() syslog.Handler { return unparsed{} }, log)
	if err == nil {
		err = l.Listen()
	}
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	packing, end := context.WithCancel(context.Background())
	read, packed := make(chan error, 1), make(chan error, 1)
	go func() { read <- l.Run(ctx) }()
	go func() { packed <- packer.Run(packing) }()
	sending, kill := context.WithTimeout(b.Context(), benchLimit(b.N)+5*time.Second)
	defer kill()
	cmd := exec.CommandContext(sending, os.Args[0], "-test.run", "^TestBenchSender$")
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // it must not outlive a benchmark that was cut
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d", senderKey, cfg.Network, l.Addr(), b.N))
	before := own()
	b.ReportAllocs()
	b.ResetTimer()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	stop()
	err = <-read
	end()
	if err = errors.Join(err, <-packed); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	accepted := packer.Stats().Events.Load()
	b.ReportMetric(float64((own()-before).Nanoseconds())/1000/float64(max(accepted, 1)), "cpu-µs/event")
	b.ReportMetric(float64(b.N)-float64(accepted), "refused")
}
