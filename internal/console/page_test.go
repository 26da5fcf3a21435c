package console

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"yagura/internal/event"
)

// evil is what an attacker may write into a log line.
const evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202egnp.exe\x1b[2J\u200b\u0085\xff{{.}}"

func evilIncident(id string, level event.Level) event.Incident {
	now := time.Now()
	return event.Incident{
		ID: id, Status: event.StatusOpen, Opened: now, Updated: now, Level: level, RuleID: "test/rule", RuleName: "Rule " + evil, RuleJa: "規則 " + evil,
		Class: event.ClassUnauthorizedAccess, Policy: []string{"3-1", evil}, Group: []event.Pair{{Name: "source.ip", Value: evil}, {Name: evil, Value: "x"}},
		Alerts: 3, Events: 1234567, Assignee: evil, Reason: evil, ReasonJa: evil, Mail: "sent", Notes: []event.Note{{Time: now, Who: evil, What: evil}},
		First: event.Alert{First: now.Add(-2 * time.Hour), Time: now.Add(-2 * time.Hour), Count: 5, Matches: []event.Match{{Selection: evil, Field: evil, Value: evil, Pattern: evil}},
			Events:    []event.AlertEvent{{ID: evil, Time: now, Source: evil, Message: evil, Fields: []event.Pair{{Name: evil, Value: evil}}}},
			RunbookJa: "手順 " + evil + " yagura query 'source.ip:<x> " + evil, RunbookEn: "Steps yagura query 'source.ip:<x> a' --since 1h" + evil, False: []string{evil}, Tags: []string{evil}, Author: evil},
	}
}

// rowsOf makes an answer of fixed rows.
func rowsOf(columns []Column, rows ...[]any) func(Question) (Rows, error) {
	return func(Question) (Rows, error) { return &fakeRows{columns: columns, rows: rows}, nil }
}

func named(names ...string) (list []Column) {
	for _, n := range names {
		name, typ, _ := strings.Cut(n, " ")
		list = append(list, Column{name, typ})
	}
	return list
}

// filled is a console in which every part has something evil to show.
func filled(t *testing.T) *env {
	t.Helper()
	e := newEnv(t)
	now := time.Now().UTC().Format(time.RFC3339Nano)
	e.health = Report{Findings: []Finding{{OK, "bus", "fine", ""}, {Warning, "disk", evil, evil}, {Critical, "store", evil, evil}}, Stages: []Stage{{evil, Warning, evil, 12345}}, LastEvent: time.Now()}
	e.incidents.list = []event.Incident{evilIncident("I-1", event.Critical), evilIncident("I-2", event.Low)}
	e.search.answers["FROM books AS b\nWHERE b.minute >= toStart"] = rowsOf(named("listener", "peer", "a", "b", "c", "d", "e", "f"),
		[]any{"udp:514", evil, uint64(1234567), uint64(1234560), uint64(7), uint64(1234560), uint64(0), int64(0)})
	e.search.answers["AS time,\n"] = rowsOf(named("time DateTime", "lines UInt64"), []any{now, uint64(9)})
	e.search.answers["FROM sources"] = rowsOf(named("listener", "peer", "last_seen DateTime64(9)", "silent_seconds Int64", "parser", "rate"),
		[]any{"udp:514", evil, now, int64(7200), evil, 0.0})
	e.search.answers["FROM alerts"] = rowsOf(named("rule_level", "rule_category", "alerts"), []any{"high", event.ClassPolicyViolation, uint64(4)})
	events := named("event.id String", "@timestamp DateTime64(6,'UTC')", "host.name String", "event.outcome String", "source.ip String", "source.port UInt16",
		"yagura.rules Array(String)", "message String", "event.original String", "fields Map(String,String)")
	e.search.answers["needle"] = rowsOf(events, []any{"demo/n/1/1/0", now, evil, "failure", "192.0.2.1", uint64(0), []any{evil}, evil, evil,
		map[string]any{"vendor.x": evil, "user.id": "a\x1fb"}})
	e.search.answers["| timechart"] = rowsOf(named("time DateTime", "count UInt64"), []any{now, uint64(3)})
	e.search.answers["AS known_by"] = rowsOf(named("is", "name", "known_by", "events UInt64", "first DateTime64(6)", "last DateTime64(6)", "before Nullable(DateTime64(6))", "after Nullable(DateTime64(6))"),
		[]any{"person", evil, evil, uint64(3), now, now, now, nil}, []any{evil, evil, evil, uint64(1), now, now, nil, now})
	e.search.answers["AS destination,"] = rowsOf(named("time DateTime64(6)", "host", "action", "message"), []any{now, evil, evil, evil})
	e.search.answers["| count"] = rowsOf(named("host.name String", "count UInt64"), []any{evil, uint64(3)})
	return e
}

func TestPagesEscapeEverything(t *testing.T) {
	marks := regexp.MustCompile(`(?i)<script>|<img src=x|\s(on[a-z]+|style)="|javascript:|\x{202e}|\x1b|\x{200b}|\x{85}|\x{fffd}|\xff|ZgotmplZ`)
	own := regexp.MustCompile(`(?s)>[^<]*</textarea>|value="[^"<]*"`) // what the reader wrote goes back as it was
	for _, lang := range []string{"ja", "en"} {
		for _, path := range []string{"/", "/incidents", "/incidents/I-1", "/search", "/search?q=needle", "/search?q=needle&limit=1&until=1m&since=2h", "/search?q=a+|+count+by+host.name", "/search?q=" + url.QueryEscape("bad "+evil),
			"/search?since=" + url.QueryEscape(evil) + "&q=a", "/hunt", "/hunt?entity=192.0.2.7&at=2026-11-24T09:00:00Z", "/hunt?entity=" + url.QueryEscape(evil) + "&at=" + url.QueryEscape(evil), "/tail", "/tail?q=" + url.QueryEscape(evil), "/incidents?status=" + url.QueryEscape(evil), "/incidents/" + url.PathEscape(evil), "/" + url.PathEscape(evil), "/login?next=" + url.QueryEscape(evil)} {
			e := filled(t)
			r := e.do("GET", path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+"lang="+lang, "")
			body := r.Body.String()
			body = own.ReplaceAllString(body, "")
			if m := marks.FindString(body); m != "" {
				i := strings.Index(body, m)
				t.Errorf("%s %s: %q in …%q…", lang, path, m, body[max(0, i-80):min(len(body), i+80)])
			}
			if !strings.HasSuffix(body, "</html>") || !strings.Contains(body, `<html lang="`+lang+`">`) || r.Code >= 500 {
				t.Errorf("%s %s: %d, page is not whole: …%q", lang, path, r.Code, body[max(0, len(body)-200):])
			}
		}
	}
}

func TestOverviewSaysWhetherSomebodyWatches(t *testing.T) {
	heard := func(ago time.Duration) func(Question) (Rows, error) {
		return rowsOf(named("l", "p", "last_seen DateTime", "s", "parser", "rate"), []any{"udp:514", "192.0.2.1", time.Now().Add(-ago).UTC().Format(time.RFC3339Nano), int64(ago / time.Second), "sshd", 0.1})
	}
	tests := []struct {
		name    string
		report  Report
		sources func(Question) (Rows, error)
		state   string
		has     string
	}{
		{"watching", Report{}, heard(time.Minute), "ok", "監視中"},
		{"the store is away but lines come", Report{LastEvent: time.Now()}, func(Question) (Rows, error) { return nil, errors.New("engine away") }, "ok", "engine away"},
		{"warning", Report{Findings: []Finding{{Warning, "disk", "20 % free", "add room"}}}, heard(time.Minute), "warn", "20 % free"},
		{"critical", Report{Findings: []Finding{{Warning, "a", "", ""}, {Critical, "store", "engine dead", "start it"}}}, heard(time.Minute), "critical", "監視に支障があります"},
		{"all silent", Report{}, heard(time.Hour), "nodata", "データが届いていません"},
		{"nothing ever", Report{}, nil, "nodata", "まだ一行も受信していません"},
		{"not known, and known to be ill", Report{Findings: []Finding{{Critical, "engine", "dead", ""}}}, func(Question) (Rows, error) { return nil, errors.New("engine away") }, "critical", "監視に支障があります"},
		{"not known", Report{}, func(Question) (Rows, error) { return nil, errors.New("engine away") }, "unknown", "状態を確認できません"},
	}
	for _, tt := range tests {
		e := newEnv(t)
		e.health = tt.report
		if tt.sources != nil {
			e.search.answers["FROM sources"] = tt.sources
		}
		body := e.do("GET", "/", "").Body.String()
		if !strings.Contains(body, `<section class="state `+tt.state+`"`) || !strings.Contains(body, tt.has) {
			t.Errorf("%s: want state %s and %q in\n%s", tt.name, tt.state, tt.has, body)
		}
	}
}

func TestLogOnAndOff(t *testing.T) {
	e := filled(t)
	get := func(path string, cookies []*http.Cookie) *httptest.ResponseRecorder {
		return e.do("GET", path, "", anonymous, func(r *http.Request) {
			for _, k := range cookies {
				r.AddCookie(k)
			}
		})
	}
	post := func(path string, form url.Values, cookies []*http.Cookie) *httptest.ResponseRecorder {
		return e.do("POST", path, form.Encode(), anonymous, func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			for _, k := range cookies {
				r.AddCookie(k)
			}
		})
	}
	if w := get("/search?q=a", nil); w.Code != 303 || w.Header().Get("Location") != "/login?next=%2Fsearch%3Fq%3Da" {
		t.Fatalf("stranger: %d %s", w.Code, w.Header().Get("Location"))
	}
	for name, form := range map[string]url.Values{
		"no name": {"token": {testToken}}, "wrong token": {"name": {"佐藤"}, "token": {"x"}}, "evil name": {"name": {"a\u202eb"}, "token": {testToken}},
	} {
		if w := post("/login", form, nil); w.Code < 400 || len(w.Result().Cookies()) > 0 || strings.Contains(w.Body.String(), testToken) {
			t.Errorf("%s: %d %v", name, w.Code, w.Result().Cookies())
		}
	}
	w := post("/login", url.Values{"name": {"佐藤"}, "token": {testToken}, "next": {"/incidents/I-1"}}, nil)
	cookies := w.Result().Cookies()
	if w.Code != 303 || w.Header().Get("Location") != "/incidents/I-1" || len(cookies) != 1 {
		t.Fatalf("log-on: %d %s %v", w.Code, w.Header().Get("Location"), cookies)
	}
	if k := cookies[0]; !k.HttpOnly || k.SameSite != http.SameSiteStrictMode || k.MaxAge != 12*3600 || k.Path != "/" || strings.Contains(k.Value, testToken) {
		t.Errorf("cookie %v", k)
	}
	if w := get("/api/v1/health", cookies); w.Code != 200 {
		t.Errorf("API with the session: %d", w.Code)
	}
	if w := post("/incidents/I-1/ack", url.Values{"text": {"確認中\r\n二行目"}, "who": {"other"}}, cookies); w.Code != 303 {
		t.Errorf("ack: %d %s", w.Code, w.Body)
	}
	inc, _ := e.incidents.Get(t.Context(), "I-1")
	if n := inc.Notes[len(inc.Notes)-1]; n.Who != "佐藤" || n.What != "acknowledged: 確認中\n二行目" || inc.Status != event.StatusAcknowledged {
		t.Errorf("note %+v, status %s", n, inc.Status)
	}
	if w := post("/incidents/I-1/note", url.Values{"text": {strings.Repeat("長", maxBody/8)}}, cookies); w.Code != 413 || !strings.Contains(w.Body.String(), words["too_big"][0]) {
		t.Errorf("a note beyond the limit: got %d %s", w.Code, w.Body)
	}
	if w := post("/incidents/I-1/explode", nil, cookies); w.Code != 400 {
		t.Errorf("unknown act: %d", w.Code)
	}
	if w := post("/logout", nil, cookies); w.Code != 303 || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("log-off: %d", w.Code)
	}
	if w := get("/", cookies); w.Code != 303 {
		t.Errorf("after log-off: %d", w.Code)
	}
	var what []string
	for _, a := range e.acts {
		what = append(what, a.What+"/"+a.Who)
	}
	if got := strings.Join(what, " "); got != "log_on/佐藤 ack/佐藤 log_off/佐藤" {
		t.Errorf("audit trail: %s", got)
	}
}

func TestTheHuntPageSaysWhoAndWhen(t *testing.T) {
	e := filled(t)
	body := e.do("GET", "/hunt?entity=192.0.2.7&at=2026-11-24T09:00:00Z&lang=en", "").Body.String()
	for _, want := range []string{"<td>Person</td>", "Who had this address", "Last before", "/search?q=ip%3A%22192.0.2.7%22", "/hunt?entity="} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q", want)
		}
	}
	if body := e.do("GET", "/hunt?entity=sato&lang=en", "").Body.String(); strings.Contains(body, "Who had this address") || !strings.Contains(body, `id="timeline"`) {
		t.Error("a person is asked for as an address")
	}
	if w := e.do("GET", "/hunt?entity=sato&at=noon&lang=en", ""); w.Code != 400 || !strings.Contains(w.Body.String(), "would be right") {
		t.Errorf("a wrong time: %d", w.Code)
	}
}

func TestRedirectsStayHere(t *testing.T) {
	for to, want := range map[string]string{"/incidents/I-1?lang=en": "/incidents/I-1?lang=en", "": "/", "//evil.example/": "/", `/\evil.example`: "/", "https://evil.example": "/",
		"javascript:alert(1)": "/", "/\t/evil.example": "/", "/login": "/", "/logout": "/", "incidents": "/"} {
		if got := localPath(to); got != want {
			t.Errorf("localPath(%q) = %q, want %q", to, got, want)
		}
	}
}

func TestFailedActKeepsTheText(t *testing.T) {
	e := filled(t)
	e.incidents.list[0].Status = event.StatusClosed
	w := e.do("POST", "/incidents/I-1/close", "text=very+long+note&who=", func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		anonymous(r)
		r.AddCookie(e.cookie(e.sessions.open("佐藤")))
	})
	if w.Code != 409 || !strings.Contains(w.Body.String(), "incident is closed") || !strings.Contains(w.Body.String(), ">very long note</textarea>") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestAssets(t *testing.T) {
	for _, name := range []string{"app.css", "app.js", "icon.svg"} {
		a := assets[name]
		w := newEnv(t).do("GET", "/assets/"+a.hashed, "", anonymous)
		if w.Code != 200 || w.Header().Get("Content-Type") != a.kind || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	if w := newEnv(t).do("GET", "/assets/layout.html", "", anonymous); w.Code != 404 {
		t.Errorf("a template is served: %d", w.Code)
	}
}

// Every word is used, and nothing comes from elsewhere or is written inline.
func TestTemplates(t *testing.T) {
	var all strings.Builder
	err := fs.WalkDir(files, "assets", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(path)
		all.Write(b)
		if strings.HasSuffix(path, ".html") {
			if m := regexp.MustCompile(`(?i)https?://|<style|<script>|style=|\son[a-z]+="`).Find(b); m != nil {
				t.Errorf("%s: %s", path, m)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	composed := regexp.MustCompile(`^(state|store|mail|ago|log|h|note|tie|col)_|^(ok|warning|informational|low|medium|high|critical|open|acknowledged|closed)$`)
	classes := event.ClassUnauthorizedAccess + event.ClassAbnormalOutbound + event.ClassPolicyViolation
	inCode := []string{"login", "overview", "search", "incidents", "hunt", "error", "missing", "too_big"}
	for key, pair := range words {
		used := strings.Contains(all.String(), fmt.Sprintf("%q", key)) || composed.MatchString(key) || strings.Contains(classes, key)
		for _, k := range inCode {
			used = used || k == key
		}
		if !used {
			t.Errorf("words: %s is never said", key)
		}
		if pair[0] == "" || pair[1] == "" || strings.Count(pair[0], "%") != strings.Count(pair[1], "%") {
			t.Errorf("words: %s: %q", key, pair)
		}
	}
}

func TestNotesSpeakTheLanguage(t *testing.T) {
	for what, want := range map[string]string{"acknowledged": "対応開始", "closed: scanner: ours": "終了: scanner: ours", "see ticket: 5": "see ticket: 5", "": ""} {
		if got := languages["ja"].note(what); got != want {
			t.Errorf("note(%q) = %q, want %q", what, got, want)
		}
	}
}
