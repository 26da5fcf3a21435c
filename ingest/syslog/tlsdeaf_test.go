package syslog

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// deaf is the server's end of a TLS 1.3 connection whose client never reads again;
// nothing lies between them, so that every write to it waits.
func deaf(t *testing.T) (server *tlsConn, client net.Conn, secret string) {
	t.Helper()
	ca := newAuthority(t, "ca")
	files := ca.files("log01", time.Hour)
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	server = &tlsConn{tls.Server(ours, &tls.Config{Certificates: []tls.Certificate{pair}, SessionTicketsDisabled: true})}
	done := make(chan error, 1)
	go func() { done <- server.Handshake() }()
	var keys bytes.Buffer
	c := tls.Client(theirs, &tls.Config{RootCAs: ca.pool, ServerName: "log01", KeyLogWriter: &keys})
	if err := errors.Join(c.Handshake(), <-done); err != nil {
		t.Fatal(err)
	}
	if c.ConnectionState().CipherSuite != tls.TLS_AES_128_GCM_SHA256 {
		t.Skip("the record below is made for AES-128-GCM")
	}
	for line := range strings.Lines(keys.String()) {
		if f := strings.Fields(line); f[0] == "CLIENT_TRAFFIC_SECRET_0" {
			secret = f[2]
		}
	}
	return server, theirs, secret
}

// askUpdate is the client's first record: a KeyUpdate that wants one in return
// (RFC 8446, 4.6.3, 5.2 and 7.3).
func askUpdate(t *testing.T, secret string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	expand := func(label string, n int) []byte {
		key, err := hkdf.Expand(sha256.New, raw, fmt.Sprintf("\x00%c%ctls13 %s\x00", n, 6+len(label), label), n)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	block, err := aes.NewCipher(expand("key", 16))
	if err != nil {
		t.Fatal(err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	message := []byte{24, 0, 0, 1, 1, 22} // key_update of one byte: update_requested; a handshake record
	head := []byte{23, 3, 3, 0, byte(len(message) + seal.Overhead())}
	return seal.Seal(head, expand("iv", 12), message, head)
}

func pacer(conn net.Conn, idle time.Duration) *pacedReader {
	return &pacedReader{
		conn: conn, cfg: &Config{IdleTimeout: idle, FrameTimeout: time.Minute, MinRate: 64},
		pending: func() int { return 0 }, nul: func() bool { return false },
	}
}

// TestTLSDeafSender: one that asks for an answer and does not take it ends with its
// time, and a stop does not wait for it.
func TestTLSDeafSender(t *testing.T) {
	t.Run("idle", func(t *testing.T) {
		server, client, secret := deaf(t)
		record := askUpdate(t, secret)
		go func() { _, _ = client.Write(record) }()
		began := time.Now()
		if _, err := pacer(server, 100*time.Millisecond).Read(make([]byte, 99)); !errors.Is(err, errIdle) {
			t.Errorf("%v; want %v", err, errIdle)
		}
		_ = server.Close()
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("took %v", took)
		}
	})
	for name, asks := range map[string]bool{"stop": false, "stop while we answer": true} {
		t.Run(name, func(t *testing.T) {
			server, client, secret := deaf(t)
			r := pacer(server, time.Hour)
			ended := make(chan error, 1)
			go func() {
				_, err := r.Read(make([]byte, 99))
				_ = server.Close()
				ended <- err
			}()
			if asks {
				if _, err := client.Write(askUpdate(t, secret)); err != nil {
					t.Fatal(err)
				}
			}
			began := time.Now()
			r.drain(began.Add(300 * time.Millisecond))
			if err := <-ended; !errors.Is(err, io.EOF) {
				t.Errorf("%v; want %v", err, io.EOF)
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
