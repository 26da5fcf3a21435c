package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// client speaks to the server that answers. For one goroutine.
type client struct {
	servers []string
	at      int // of servers: the one in use
	id      *Identity
	folder  string
	clock   *clock
	host    string
	version string

	failover time.Duration // how long a server may fail
	failing  time.Time     // since when it does; zero: it answers

	once sync.Once
	http *http.Client
	zip  compressor
}

// refused is an answer that is no success.
type refused struct {
	status int
	wait   time.Duration
	text   string
}

func (e *refused) Error() string { return fmt.Sprintf("yagura answers %d: %s", e.status, e.text) }

// Times of a request.
const (
	requestTime = 2 * time.Minute
	maxAnswer   = 1 << 20
)

func newHTTP(id *Identity) *http.Client {
	return &http.Client{Timeout: requestTime, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: id.tls(), TLSHandshakeTimeout: 15 * time.Second,
		DialContext:     (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		MaxIdleConns:    2,
		IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: false,
	}}
}

// hello asks what the server has of this agent.
type helloRequest struct {
	From    uint64 `json:"from"` // sequence that the agent would send next
	Host    string `json:"host"`
	Version string `json:"version"`
}

type answer struct {
	AcceptedThrough uint64    `json:"accepted_through"`
	Highest         uint64    `json:"highest"`
	Received        time.Time `json:"received"`
	Answered        time.Time `json:"answered"`
}

func (c *client) hello(ctx context.Context, from uint64) (a answer, err error) {
	body, err := json.Marshal(helloRequest{from, c.host, c.version})
	if err != nil {
		return a, err
	}
	sent := time.Now()
	if err = c.post(ctx, "/agent/v1/hello", "application/json", "", body, &a); err == nil {
		c.clock.take(exchange{sent, time.Now(), a.Received, a.Answered})
	}
	return a, err
}

// records sends a batch; base is the sequence before record 1.
func (c *client) records(ctx context.Context, base uint64, b *Batch) (a answer, err error) {
	offset, known := c.clock.now()
	if !known {
		offset = unknownOffset
	}
	h := header{Agent: c.id.Name, Host: c.host, Version: c.version, First: base + b.First, Count: b.Count, Clock: time.Now(), Offset: offset}
	body, encoding, err := c.zip.pack(&h, b.Body)
	if err != nil {
		return a, err
	}
	err = c.post(ctx, "/agent/v1/records", "application/vnd.yagura.agent", encoding, body, &a)
	return a, err
}

// post sends a request to the server in use.
func (c *client) post(ctx context.Context, path, kind, encoding string, body []byte, into any) error {
	c.once.Do(func() { c.http = newHTTP(c.id) })
	url := strings.TrimRight(c.servers[c.at], "/") + path
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", kind)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	req.Header.Set("User-Agent", "yagura-agent/"+c.version)
	err = roundTrip(c.http, req, into)
	c.judge(ctx, err)
	return err
}

// judge goes to the next server when this one has failed for a while: what it took
// and could not answer the other one would take again.
func (c *client) judge(ctx context.Context, err error) {
	var r *refused
	switch {
	case err == nil:
		c.failing = time.Time{}
	case ctx.Err() != nil, errors.As(err, &r) && r.status < 500 && r.status != http.StatusTooManyRequests:
		// it is there, and means it
	case c.failing.IsZero():
		c.failing = time.Now()
	case time.Since(c.failing) >= c.failover:
		c.at, c.failing = (c.at+1)%len(c.servers), time.Time{}
	}
}

func roundTrip(h *http.Client, req *http.Request, into any) error {
	res, err := h.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return refusal(res, text)
	}
	return json.Unmarshal(text, into)
}

func refusal(res *http.Response, text []byte) error {
	var said struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(text, &said) != nil || said.Error == "" {
		said.Error = http.StatusText(res.StatusCode)
	}
	seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
	return &refused{res.StatusCode, time.Duration(min(max(seconds, 0), 300)) * time.Second, said.Error}
}

// use takes another identity: the connections are made anew.
func (c *client) use(id *Identity) {
	c.id = id
	if c.http != nil {
		c.http.CloseIdleConnections()
		c.http = newHTTP(id)
	}
}
