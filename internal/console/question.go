package console

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of rows.
const (
	defaultRows = 1000
	mostRows    = 100_000
)

// question reads q, since, until and limit.
func question(v url.Values, now time.Time, zone *time.Location) (Question, error) {
	q := Question{Text: strings.TrimSpace(v.Get("q")), Limit: defaultRows}
	var err error
	if len(q.Text) > maxQuery {
		return q, badRequest("q: %d bytes; would be right: at most %d", len(q.Text), maxQuery)
	}
	if !utf8.ValidString(q.Text) {
		return q, badRequest("q: no UTF-8")
	}
	if q.Since, err = moment(v.Get("since"), now, zone); err != nil {
		return q, badRequest("since: %v", err)
	}
	if q.Until, err = moment(v.Get("until"), now, zone); err != nil {
		return q, badRequest("until: %v", err)
	}
	if !q.Since.IsZero() && !q.Until.IsZero() && !q.Since.Before(q.Until) {
		return q, badRequest("since: %s is not before until, %s; would be right: an earlier time", v.Get("since"), v.Get("until"))
	}
	if text := v.Get("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil || q.Limit < 1 || q.Limit > mostRows {
			return q, badRequest("limit: %q; would be right: a number from 1 to %d", text, mostRows)
		}
	}
	return q, nil
}

var errMoment = errors.New("would be right: an age as 15m, 1h, 30d, or a time as 2026-11-24T09:00:00+09:00")

// moment reads an RFC 3339 time, a time without a zone (then of zone), or an age.
// "" is the zero time.
func moment(text string, now time.Time, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	age, err := parseAge(text)
	if err != nil {
		return time.Time{}, err
	}
	return now.Add(-age), nil
}

func parseAge(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, errMoment
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	age, err := time.ParseDuration(text)
	if err != nil || age < 0 {
		return 0, errMoment
	}
	return age, nil
}
