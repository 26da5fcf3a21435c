package syslog

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
)

// Environment of the process that holds the senders' ends: its memory and its file
// descriptors are its own.
const (
	idleTo    = "YAGURA_IDLE_TO"
	idleCount = "YAGURA_IDLE_COUNT"
	idleTLS   = "YAGURA_IDLE_TLS"
)

// holdIdle opens the connections, sends a line on each, says that it is ready, and
// holds them until its standard input ends.
func holdIdle(to string) error {
	n, err := strconv.Atoi(os.Getenv(idleCount))
	if err != nil {
		return err
	}
	held := make([]net.Conn, 0, n) // what nobody holds is closed
	for range n {
		var conn net.Conn
		if os.Getenv(idleTLS) != "" {
			conn, err = tls.Dial("tcp", to, &tls.Config{InsecureSkipVerify: true}) // memory is measured, not trust
		} else {
			conn, err = net.Dial("tcp", to)
		}
		if err != nil {
			return err
		}
		if _, err := io.WriteString(conn, "<13>Nov 25 12:00:00 fw01 app: a line before the silence\n"); err != nil {
			return err
		}
		held = append(held, conn)
	}
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(held)
	return err
}
