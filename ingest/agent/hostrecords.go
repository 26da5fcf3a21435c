package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"yagura/internal/event"
)

// records takes a request of records, each of them once.
func (h *hosts) records(w http.ResponseWriter, r *http.Request, who Sender) {
	now := time.Now()
	work, err := h.ready(r, who)
	if err != nil {
		h.refuse(w, err)
		return
	}
	body, err := h.body(w, r, who)
	if err != nil {
		h.refuse(w, err)
		return
	}
	b, err := readHostBatch(body.Bytes)
	if err == nil && b.Agent != who.ID {
		err = errNoHost
	}
	if err != nil {
		body.Close()
		h.refuse(w, err)
		return
	}
	wait, cancel := context.WithTimeout(r.Context(), h.cfg.Patience)
	defer cancel()
	if err := h.decide(wait, work, hostJob{h, who, &b, body}); err != nil {
		h.refuse(w, err)
		return
	}
	through, _ := h.taken.has(who.ID, b.First)
	writeJSON(w, http.StatusOK, hostAnswer{AcceptedThrough: through, Received: now, Answered: time.Now()})
}

// decide brings the records to the disk in the agent's turn. When wait ends the
// answer is "later", and the work goes on: the next request of the agent begins when
// it is known what became of this one.
func (h *hosts) decide(wait, work context.Context, j hostJob) error {
	done, err := h.turn(wait, j.who.ID)
	if err != nil {
		j.body.Close()
		return err
	}
	decided := make(chan error, 1)
	go func() {
		defer done()
		defer j.body.Close()
		decided <- j.bring(work)
	}()
	select {
	case err := <-decided:
		return err
	case <-wait.Done():
		return errBusy
	}
}

// hostJob is one request's work.
type hostJob struct {
	*hosts
	who   Sender
	batch *hostBatch
	body  *Body
}

// bring takes what is not on disk yet and waits until it is.
func (j hostJob) bring(ctx context.Context) error {
	if _, open := j.taken.undecided(j.who.ID); open || ctx.Err() != nil {
		return errBusy // the server stops, and what became of a request before is not known
	}
	known := j.taken.begin(j.who.ID, j.published())
	in := j.desk.intake(j.who.Name)
	defer in.Close()
	var took spans
	var full error
	for i := range j.batch.Records {
		n := j.batch.First + uint64(i)
		if _, ok := known.of(n); ok {
			continue
		}
		if full = in.Take(ctx, j.record(&j.batch.Records[i], n)); full != nil {
			break
		}
		took.add(span{n, n})
	}
	for {
		switch err := in.Settle(ctx); {
		case err == nil:
			j.taken.settle(j.who.ID, took)
			return full
		case errors.Is(err, errLost):
			return j.relearn(ctx)
		case ctx.Err() != nil:
			return err // after its start the stream tells
		}
	}
}

// relearn asks the stream what is on disk of a request that was lost in part.
func (j hostJob) relearn(ctx context.Context) error {
	for ctx.Err() == nil {
		floor, _ := j.taken.undecided(j.who.ID)
		if _, err := j.stream.Blocks(ctx, floor, j.taken.learn); err == nil {
			j.taken.settle(j.who.ID, nil)
			return errNotOnDisk
		}
		select {
		case <-time.After(foldAgain):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// record is what the desk takes.
func (j hostJob) record(r *hostRecord, n uint64) Record {
	at := r.Read
	if j.batch.Offset != unknownOffset {
		at = at.Add(-j.batch.Offset)
	}
	return Record{
		Raw: r.Raw, Time: at,
		Fill: func(d *event.Draft) { j.fill(d, r) },
		Mark: func(d *event.Draft) { mark(d, j.who.ID, n) },
	}
}

// fill sets what the agent knows and the line did not say.
func (j hostJob) fill(d *event.Draft, r *hostRecord) {
	host := r.Host
	if host == "" {
		host = j.batch.Host
	}
	for _, f := range []struct {
		name event.Field
		text string
	}{
		{event.HostName, host}, {event.LogFilePath, r.Path}, {event.AgentName, j.who.ID}, {event.AgentType, "yagura"},
		{event.AgentVersion, j.batch.Version}, {event.YaguraEncoding, r.Encoding},
	} {
		if f.text != "" && !d.Has(f.name) {
			d.SetString(f.name, f.text)
		}
	}
	if r.Input == "files" && !d.Has(event.LogOffset) {
		d.SetInt(event.LogOffset, r.Offset)
	}
	if r.Input == "agent" {
		report(d, r.Raw)
	}
	if r.Original > len(r.Raw) && d.Flags&event.FlagTruncated == 0 {
		d.Truncated(r.Original)
	}
}

// maxReport bounds the fields of a report.
const maxReport = 64

// report sets the fields of ours that the agent reports about itself. In the lines of
// others such names are not believed, so that parsers pass over them.
func report(d *event.Draft, raw []byte) {
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return
	}
	var names []string
	for name := range all {
		if strings.HasPrefix(name, "yagura.clock_offset") || strings.HasPrefix(name, "yagura.agent.") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names[:min(len(names), maxReport)] {
		if f := d.Local(name); !d.Has(f) {
			d.Set(f, bytes.Trim(all[name], `"`))
		}
	}
}

// mark sets what makes the event one of the agent's, whatever the line says: after a
// start the stream is asked for it.
func mark(d *event.Draft, agent string, n uint64) {
	d.Delete(event.AgentID)
	d.Delete(event.EventSequence)
	for d.Len() > event.MaxFields-2 {
		f, _ := d.At(d.Len() - 1)
		d.Delete(f)
	}
	d.SetString(event.AgentID, agent)
	d.SetInt(event.EventSequence, int64(n))
}
