package agent

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// maxAcks bounds the numbers asked for in one request to /services/collector/ack.
const maxAcks = 10000

// hec serves Splunk's HTTP Event Collector. An answer comes when the events are on
// disk, so that whoever waits for it needs no acknowledgement; to whoever names a
// channel a number is given that the channel's acknowledgements say is there.
type hec struct {
	*Server
	channels *hecChannels
	full     atomic.Int64 // when there was no room last, Unix nanoseconds; 0: there is
}

func (s *Server) routesHEC() {
	h := &hec{Server: s, channels: newHECChannels()}
	for path, serve := range map[string]func(http.ResponseWriter, *http.Request, Sender){
		"": h.events, "/event": h.events, "/event/1.0": h.events,
		"/raw": h.raw, "/raw/1.0": h.raw, "/ack": h.acks, "/ack/1.0": h.acks,
	} {
		s.handleAs("POST /services/collector"+path, h.refuse, serve)
	}
	for _, path := range []string{"", "/1.0"} {
		s.mux.HandleFunc("GET /services/collector/health"+path, h.health)
	}
	for _, path := range []string{"", "/event", "/event/1.0", "/raw", "/raw/1.0"} { // Docker's driver asks so whether it is one
		s.mux.HandleFunc("OPTIONS /services/collector"+path, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Allow", "OPTIONS, POST") })
	}
	s.mux.HandleFunc("/services/collector/", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusNotFound, hecText{"The requested URL was not found on this server.", http.StatusNotFound})
	})
}

// hecText is an answer's JSON.
type hecText struct {
	Text string `json:"text"`
	Code int    `json:"code"`
}

// bring takes what each gives to the disk and waits until it is there; of the same body
// that was sent before and not answered only the rest is taken. After an error nothing
// may be answered as taken; after an answer call Answered.
func (i *Intake) bring(r *http.Request, body *Body, each func(take func(Record) error) error) error {
	i.Resume(r.Context(), body.digest())
	err := each(func(record Record) error { return i.Take(r.Context(), record) })
	if err == nil {
		err = i.Settle(r.Context())
	}
	return err
}

// events serves /services/collector/event. Nothing is taken of a body that has a fault
// anywhere.
func (h *hec) events(w http.ResponseWriter, r *http.Request, who Sender) {
	h.serve(w, r, who, func(body []byte, meta hecMeta, take func(Record) error) (int, error) {
		return hecEach(body, meta, func(e hecEvent) error {
			return take(Record{Raw: e.raw, Time: e.time, Fill: e.fill})
		})
	})
}

// raw serves /services/collector/raw: a line is an event.
func (h *hec) raw(w http.ResponseWriter, r *http.Request, who Sender) {
	h.serve(w, r, who, func(body []byte, meta hecMeta, take func(Record) error) (int, error) {
		return hecLines(body, func(line []byte) error {
			return take(Record{Raw: line, Time: meta.time, Fill: meta.fill})
		})
	})
}

// serve reads the body, looks at all of it with each, and then takes it.
func (h *hec) serve(w http.ResponseWriter, r *http.Request, who Sender, each func([]byte, hecMeta, func(Record) error) (int, error)) {
	channel, err := hecChannel(r)
	var meta hecMeta
	if err == nil {
		meta, err = hecQuery(r)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	body, err := h.body(w, r, who)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	defer body.Close()
	if n, err := each(body.Bytes, meta, func(Record) error { return nil }); err != nil {
		h.wrong(w, err, n)
		return
	}
	in := h.intake(who)
	defer in.Close()
	err = in.bring(r, body, func(take func(Record) error) error {
		_, err := each(body.Bytes, meta, take)
		return err
	})
	if err != nil {
		h.full.Store(time.Now().UnixNano())
		h.refuse(w, r, err)
		return
	}
	h.full.Store(0)
	h.success(w, who, channel)
	in.Answered(w, r)
}

// success answers events that are on disk.
func (h *hec) success(w http.ResponseWriter, who Sender, channel string) {
	text := hecText{hecSuccess.text, hecSuccess.code}
	if channel == "" {
		writeJSON(w, http.StatusOK, text)
		return
	}
	writeJSON(w, http.StatusOK, struct {
		hecText
		Ack uint64 `json:"ackId"`
	}{text, h.channels.next(who.ID, channel)})
}

// wrong answers a fault of the n-th event, counted from 0.
func (h *hec) wrong(w http.ResponseWriter, err error, n int) {
	var c *hecCode
	if !errors.As(err, &c) {
		c = hecFormat
	}
	h.failed.Add(1)
	if c == hecNoData {
		writeJSON(w, c.status, hecText{c.text, c.code})
		return
	}
	writeJSON(w, c.status, struct {
		hecText
		N int `json:"invalid-event-number"`
	}{hecText{c.text, c.code}, n})
}

// refuse answers an error in the collector's words. What may come again later is busy:
// senders know no other answer that means so.
func (h *hec) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var c *hecCode
	if errors.As(err, &c) {
		writeJSON(w, c.status, hecText{c.text, c.code})
		return
	}
	f := explain(err)
	f.headers(w.Header())
	switch {
	case f.Status == http.StatusUnauthorized:
		c = hecUnknown(r)
	case f.Retry > 0:
		c = hecBusy
	case f.Status == http.StatusRequestEntityTooLarge:
		c = &hecCode{27, f.Status, "Request entity too large"}
	default:
		c = &hecCode{hecFormat.code, f.Status, hecFormat.text}
	}
	writeJSON(w, c.status, hecText{c.text, c.code})
}

// hecUnknown is why a sender is not known.
func hecUnknown(r *http.Request) *hecCode {
	header := r.Header.Get("Authorization")
	switch {
	case header == "" && r.URL.Query().Has("token"):
		return hecQueryAuth
	case header == "":
		return hecTokenRequired
	case tokenOf(header) == "":
		return hecAuthorization
	}
	return hecToken
}

// maxQuery bounds what a query says of all events: it becomes fields of each.
const maxQuery = 4096

// hecQuery is what the query says of all events.
func hecQuery(r *http.Request) (m hecMeta, err error) {
	q := r.URL.Query()
	m.host, m.source = []byte(q.Get("host")), []byte(q.Get("source"))
	m.sourcetype, m.index = []byte(q.Get("sourcetype")), []byte(q.Get("index"))
	if len(m.host)+len(m.source)+len(m.sourcetype)+len(m.index) > maxQuery {
		return m, hecFormat
	}
	if t := q.Get("time"); t != "" {
		var ok bool
		if m.time, ok = hecTime([]byte(t)); !ok {
			return m, hecFormat
		}
	}
	return m, nil
}

// hecChannel is the channel of a request, "" when it names none.
func hecChannel(r *http.Request) (string, error) {
	c := strings.ToLower(r.Header.Get("X-Splunk-Request-Channel"))
	if c == "" {
		c = strings.ToLower(r.URL.Query().Get("channel"))
	}
	if c == "" {
		return "", nil
	}
	if len(c) != 36 {
		return "", hecChannelBad
	}
	for i := range len(c) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c[i] == '-') || !dash && strings.IndexByte("0123456789abcdef", c[i]) < 0 {
			return "", hecChannelBad
		}
	}
	return c, nil
}

// acks serves /services/collector/ack: {"acks":[0,1]}.
func (h *hec) acks(w http.ResponseWriter, r *http.Request, who Sender) {
	channel, err := hecChannel(r)
	if err == nil && channel == "" {
		err = hecNoChannel
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	body, err := h.body(w, r, who)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	defer body.Close()
	told, err := h.channels.told(body.Bytes, who.ID, channel)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"acks": told})
}

// told answers for each number whether its events are on disk.
func (c *hecChannels) told(body []byte, sender, channel string) (map[string]bool, error) {
	if body = bytes.TrimSpace(body); !jsonValid(body) {
		return nil, hecFormat
	}
	given, told := c.given(sender, channel), map[string]bool{}
	err := jsonUnder(body, "acks", func(v []byte) error {
		n, err := strconv.ParseUint(string(jsonText(v)), 10, 64)
		if err != nil || len(told) >= maxAcks {
			return hecFormat
		}
		told[strconv.FormatUint(n, 10)] = n < given
		return nil
	})
	if err != nil || len(told) == 0 {
		return nil, hecFormat
	}
	return told, nil
}

// fullFor is how long one refusal for want of room is told by health.
const fullFor = 30 * time.Second

// health serves /services/collector/health, without a token as Splunk does.
func (h *hec) health(w http.ResponseWriter, r *http.Request) {
	c := hecHealthy
	if at := h.full.Load(); h.stopping.Load() || at > 0 && time.Since(time.Unix(0, at)) < fullFor {
		c = hecFull
	}
	writeJSON(w, c.status, hecText{c.text, c.code})
}
