package test

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A panel reads the hours asked and no others: raw events are most of the disk.
// Lines of ten days lie in the table; the boards ask for one of them.
func TestDashboardsReadOnlyTheHoursAsked(t *testing.T) {
	e := start(t)
	const days, perDay = 10, 20_000
	now := time.Now().UTC()
	for day := range days {
		lines := make([]string, perDay)
		for i := range lines {
			at := now.Add(-time.Duration(day)*24*time.Hour - time.Duration(i)*time.Hour/perDay)
			lines[i] = fmt.Sprintf("<38>1 %s web%02d sshd 77 - - Failed password for invalid user u%d from 203.0.113.%d port 41%03d ssh2", at.Format(time.RFC3339), i%3, i%9, i%200, i%1000)
		}
		e.send(lines...)
	}
	e.want("SELECT count() FROM events", strconv.Itoa(days*perDay))
	e.settle()
	checked := 0
	for _, b := range readBoards(t) {
		for name, vars := range choices {
			if _, err := netip.ParseAddr(vars["address"][0]); err != nil { // the board asks for nothing
				vars = maps.Clone(vars)
				vars["address"] = choices["one"]["address"]
			}
			g := grafana{from: now.Add(-6 * time.Hour), to: now.Add(time.Minute), step: 60, vars: vars}
			for _, p := range b.Panels {
				for _, target := range p.Targets {
					plan := e.sql("EXPLAIN indexes = 1 " + g.expand(t, target.RawSQL) + "\nFORMAT TSVRaw")
					for _, r := range granules(t, plan) {
						checked++
						if r.read > 2+r.all/4 {
							t.Errorf("%s#%d %s (%s) reads %d of %d granules of events\n%s", b.UID, p.ID, p.Title, name, r.read, r.all, plan)
						}
					}
				}
			}
		}
	}
	if checked == 0 {
		t.Error("no query read events: the test has lost its object")
	}
	t.Logf("%d reads of events", checked)
}

// reading is what a query reads of the table of events.
type reading struct{ read, all int }

var granulesOf = regexp.MustCompile(`Granules: (\d+)/(\d+)`)

// granules finds the readings of a plan: what is left after the last index of
// those that had the whole table before the first.
func granules(t *testing.T, plan string) (list []reading) {
	t.Helper()
	for _, part := range strings.Split(plan, "ReadFromMergeTree (")[1:] {
		if !regexp.MustCompile(`^[\w.]*\bevents\)`).MatchString(part) {
			continue
		}
		all := granulesOf.FindAllStringSubmatch(part, -1)
		if len(all) == 0 {
			t.Errorf("a plan without indexes:\n%s", plan)
			continue
		}
		r := reading{}
		r.all, _ = strconv.Atoi(all[0][2])
		r.read, _ = strconv.Atoi(all[len(all)-1][1])
		list = append(list, r)
	}
	return list
}
