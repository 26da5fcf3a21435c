package agent

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"testing"
	"time"
)

// dial opens a TLS connection to the server.
func (b *bench) dial() *tls.Conn {
	b.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(b.certs.authority.cert)
	conn, err := tls.Dial("tcp", b.Addr().String(), &tls.Config{RootCAs: pool})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (b *bench) send(conn io.Writer, text string) {
	b.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) head(length int) string {
	return fmt.Sprintf("POST /v1/events HTTP/1.1\r\nHost: y\r\nAuthorization: Bearer %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", b.token, length)
}

func TestALieInTheLength(t *testing.T) {
	b := serve(t, nil)
	conn := b.dial()
	b.send(conn, b.head(100)+"only this\n")
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 400 {
		t.Errorf("%s", res.Status)
	}
	conn = b.dial()
	b.send(conn, b.head(1<<40))
	if res, err = http.ReadResponse(bufio.NewReader(conn), nil); err != nil || res.StatusCode != 413 {
		t.Errorf("%v %v", res, err)
	}
	if got := b.disk.got(); len(got) > 0 {
		t.Errorf("taken: %q", got)
	}
}

func TestASlowBodyIsEnded(t *testing.T) {
	b := serve(t, func(c *Config) { c.FirstBytes = 50 * time.Millisecond })
	conn := b.dial()
	b.send(conn, b.head(100)+"one\n")
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 408 {
		t.Errorf("%s", res.Status)
	}
}

// A thousand senders that say they will send much, and do not, hold a bounded part of
// the memory, and others are served.
func TestAThousandSlowSenders(t *testing.T) {
	b := serve(t, func(c *Config) {
		c.Requests, c.PerSender, c.PerAddr = 1100, 1000, 1100
		c.FirstBytes = 5 * time.Minute // the first is still held when the last has come, on a slow machine too
	})
	before := heap()
	for range 1000 {
		conn := b.dial()
		b.send(conn, b.head(8<<20)+"one line\n")
	}
	b.until("all are being read", func() bool { b.senders.mu.Lock(); defer b.senders.mu.Unlock(); return b.senders.sum == 1000 })
	per := (heap() - before) / 1000
	t.Logf("%d KiB for each slow sender and its own end here", per>>10)
	if per > 256<<10 {
		t.Errorf("%d KiB for each", per>>10)
	}
	other, err := b.registry.Issue(Entry{Name: "other", Kind: KindToken})
	if err != nil {
		t.Fatal(err)
	}
	b.want(b.do("POST", "/v1/events", "one\n", "Authorization: Bearer "+other), 200, "")
	if n := b.Stats().Connections; n < 1000 || n > 1100 {
		t.Errorf("%d connections", n)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
