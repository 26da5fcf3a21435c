package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"yagura/cmd/yagura/config"
	runner "yagura/cmd/yagura/run"
)

// instance names the running yagura that a command talks to.
type instance struct {
	Data   string `help:"Data folder of the running instance." placeholder:"DIR" env:"YAGURA_DATA"`
	Config string `short:"c" help:"Configuration of the running instance." placeholder:"FILE" env:"YAGURA_CONFIG"`
}

// client calls the API of a running instance.
type client struct {
	base, token, data string
	http              *http.Client
}

// client finds the instance: the address and token lie in its data folder.
func (i instance) client() (*client, error) {
	data := i.Data
	if data == "" {
		cfg, err := config.Load(i.Config, os.Environ())
		if err != nil {
			return nil, invalid{err}
		}
		data = cfg.Data
	}
	c, err := runner.ReadContact(data)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("%w; run this as the user that runs yagura", err)
	}
	if err != nil {
		return nil, err
	}
	return &client{base: "http://yagura", token: c.Token, http: c.Client(), data: data}, nil
}

// problem is the API's error body.
type problem struct {
	Error string `json:"error"`
}

func (c *client) do(ctx context.Context, method, path string, query url.Values, body any) (*http.Response, error) {
	if body == nil {
		return c.send(ctx, method, path, query, nil, "")
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return c.send(ctx, method, path, query, bytes.NewReader(text), "application/json")
}

// send calls an endpoint with a body of some type; nil is none.
func (c *client) send(ctx context.Context, method, path string, query url.Values, body io.Reader, kind string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1/"+path+"?"+query.Encode(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := c.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the question
		}
		return nil, fmt.Errorf("reach the yagura of %s: %w; is `yagura up` running there?", c.data, err)
	}
	if res.StatusCode/100 == 2 {
		return res, nil
	}
	defer res.Body.Close()
	return nil, apiError(res)
}

func apiError(res *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	var p problem
	if json.Unmarshal(text, &p) != nil || p.Error == "" {
		p.Error = strings.TrimSpace(string(text))
	}
	err := fmt.Errorf("%s", p.Error)
	if p.Error == "" {
		err = errors.New(res.Status)
	}
	switch res.StatusCode {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge:
		return invalid{err}
	}
	return err
}

// get decodes a JSON answer into v.
func (c *client) get(ctx context.Context, path string, query url.Values, v any) error {
	res, err := c.do(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return json.NewDecoder(res.Body).Decode(v)
}

// lines calls use for each line of an NDJSON answer. A line {"error": …} at the
// end is the server's word that the answer is not whole.
func (c *client) lines(ctx context.Context, path string, query url.Values, header func(http.Header) error, use func([]byte) error) error {
	res, err := c.do(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if header != nil {
		if err := header(res.Header); err != nil {
			return err
		}
	}
	sc := bufio.NewScanner(res.Body)
	sc.Buffer(make([]byte, 0, 64<<10), 16<<20)
	for sc.Scan() {
		if bytes.HasPrefix(sc.Bytes(), []byte(`{"error":`)) {
			var p problem
			if json.Unmarshal(sc.Bytes(), &p) == nil {
				return errors.New(p.Error)
			}
		}
		if err := use(sc.Bytes()); err != nil {
			return err
		}
	}
	if err := sc.Err(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}

// format is the flag of commands that print rows.
type format struct {
	Format string `help:"How rows are printed." enum:"json,table,csv" default:"table"`
}

// rows runs a query on the instance and prints its rows.
func (c *client) rows(r *run, q url.Values, f format) error {
	return c.print(r, "query", q, f, func([]byte) {})
}

// print prints the rows that an endpoint answers with, and shows each to see.
func (c *client) print(r *run, path string, q url.Values, f format, see func(line []byte)) error {
	var p rowPrinter
	err := c.lines(r.ctx, path, q, func(h http.Header) (err error) {
		p, err = newRowPrinter(f.Format, r.Out, h.Get("X-Yagura-Columns"))
		return err
	}, func(line []byte) error {
		see(line)
		return p.row(line)
	})
	if p != nil {
		err = errors.Join(err, p.end())
	}
	return err
}

func sinceUntil(q url.Values, since, until string) error {
	for name, text := range map[string]string{"since": since, "until": until} {
		if text == "" {
			continue
		}
		t, err := parseWhen(text, time.Now())
		if err != nil {
			return invalid{fmt.Errorf("--%s %s: %w", name, text, err)}
		}
		q.Set(name, t.UTC().Format(time.RFC3339Nano))
	}
	return nil
}

// maxAge bounds ages: what is older was never stored.
const maxAge = 100 * 365 * 24 * time.Hour

// parseWhen reads an age (90s, 15m, 1h, 30d) or an RFC 3339 time.
func parseWhen(text string, now time.Time) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	unit, number := time.Duration(1), text
	if days, ok := strings.CutSuffix(text, "d"); ok {
		unit, number = 24, days+"h"
	}
	d, err := time.ParseDuration(number)
	switch {
	case err != nil:
		return time.Time{}, errors.New("want an age such as 15m, 1h or 30d, or a time such as 2026-11-24T09:00:00+09:00")
	case d < 0 || d > maxAge/unit:
		return time.Time{}, errors.New("want an age of up to 100 years")
	}
	return now.Add(-unit * d), nil
}
