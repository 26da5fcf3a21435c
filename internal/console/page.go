package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"yagura/internal/event"
)

//go:embed assets sql
var files embed.FS

// pages are the templates in one language.
type pages struct {
	speech
	named map[string]*template.Template
}

// frame is what every page has around its content.
type frame struct {
	Page    string // name of the template, marks the place in the navigation
	Title   string
	Lang    string
	Other   string // this page in the other language
	Person  person
	Version string
	Clock   string
	Health  Level
	Again   string // where the page leads at once; "" is nowhere
	Refresh int    // seconds until the page is drawn again; 0 is never
	Content any
}

func parsePages(cfg Config) (map[string]*pages, error) {
	all := map[string]*pages{}
	for lang, s := range languages {
		p := &pages{speech: s, named: map[string]*template.Template{}}
		layout, err := template.New("").Funcs(s.funcs(cfg.Zone)).ParseFS(files, "assets/layout.html", "assets/parts.html")
		if err != nil {
			return nil, fmt.Errorf("console: %w", err)
		}
		for _, name := range []string{"login", "overview", "search", "incidents", "incident", "hunt", "tail", "error", "again"} {
			t, err := layout.Clone()
			if err == nil {
				t, err = t.ParseFS(files, "assets/"+name+".html")
			}
			if err != nil {
				return nil, fmt.Errorf("console: %w", err)
			}
			p.named[name] = t
		}
		all[lang] = p
	}
	return all, nil
}

func (s speech) funcs(zone *time.Location) template.FuncMap {
	return template.FuncMap{
		"t": s.say, "v": visible, "spelled": spelled, "num": number, "cut": cut, "when": stamp(zone), "day": inZone(zone, time.DateOnly), "clock": inZone(zone, time.TimeOnly), "ago": s.ago, "clause": s.clause, "pick": s.pick,
		"count": func(key string, n any) string { return fmt.Sprintf(s.say(key), number(n)) },
		"level": func(l event.Level) string { return l.String() },
		"word": func(key string) string { // a word of a closed list, or what stands there
			if pair, ok := words[key]; ok {
				return pair[s.index]
			}
			return key
		},
		"note": s.note, "reason": s.reason, "numeric": isNumber,
		"asset": func(name string) string { return "/assets/" + assets[name].hashed },
		"group": event.GroupKey,
		"term":  filterTerm,
		"hunt":  huntLink,
	}
}

// note says the verb that begins an entry of the response record in this language;
// what people wrote stays.
func (s speech) note(what string) string {
	verb, rest, told := strings.Cut(what, ": ")
	switch verb {
	case "acknowledged", "closed", "assigned":
		if told {
			return s.say("note_"+verb) + ": " + rest
		}
		return s.say("note_" + verb)
	}
	return what
}

// speechOf is the language that the reader chose, else the configured one.
func (c *Console) speechOf(w http.ResponseWriter, r *http.Request) *pages {
	const cookie = "yagura-lang"
	if p, ok := c.pages[r.URL.Query().Get("lang")]; ok {
		http.SetCookie(w, &http.Cookie{Name: cookie, Value: p.lang, Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.config.Cert != ""})
		return p
	}
	if k, err := r.Cookie(cookie); err == nil && c.pages[k.Value] != nil {
		return c.pages[k.Value]
	}
	return c.pages[c.config.Language]
}

// draw renders a page whole before the first byte leaves.
func (c *Console) draw(w http.ResponseWriter, r *http.Request, p *pages, status int, f frame) {
	f.Lang, f.Person, f.Version = p.lang, caller(r), strings.TrimPrefix(c.config.Version, "yagura ")
	f.Clock = time.Now().In(c.config.Zone).Format("2006-01-02 15:04:05 MST")
	f.Other = otherLanguage(r.URL, p.lang)
	if f.Person.From != "" {
		f.Health = c.health.get(r.Context()).worst()
	}
	var out bytes.Buffer
	if err := p.named[f.Page].ExecuteTemplate(&out, "layout", f); err != nil {
		c.log.Error("page not drawn", "page", f.Page, "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // an error means that the reader has left
}

func otherLanguage(u *url.URL, lang string) string {
	q := u.Query()
	q.Set("lang", map[string]string{"ja": "en", "en": "ja"}[lang])
	return (&url.URL{Path: u.Path, RawQuery: q.Encode()}).String()
}

// failedPage shows an error instead of a page.
func (c *Console) failedPage(w http.ResponseWriter, r *http.Request, err error) {
	p := c.speechOf(w, r)
	c.draw(w, r, p, c.status(err), frame{Page: "error", Title: p.say("error"), Content: p.reason(err)})
}

func (c *Console) missingPage(w http.ResponseWriter, r *http.Request) {
	p := c.speechOf(w, r)
	c.draw(w, r, p, http.StatusNotFound, frame{Page: "error", Title: p.say("error"), Content: p.say("missing")})
}

// asset is a file for browsers; its name holds a hash of what is in it, so that
// it may be kept for ever.
type asset struct {
	hashed, kind string
	body         []byte
}

// assets is immutable after start.
var assets = func() map[string]asset {
	m := map[string]asset{}
	for name, kind := range map[string]string{"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		body, err := files.ReadFile("assets/" + name)
		if err != nil {
			panic(err) // embedded
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(name)
		a := asset{strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext, kind, body}
		m[name], m[a.hashed] = a, a
	}
	return m
}()

func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	a, ok := assets[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", a.kind)
	if name == a.hashed {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write(a.body) // an error means that the reader has left
}
