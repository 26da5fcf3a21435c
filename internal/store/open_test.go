package store

import (
	"strings"
	"testing"
)

func TestOpenConfig(t *testing.T) {
	tests := []struct {
		cfg  Config
		want string // "" opens
	}{
		{Config{Socket: "/run/yagura/engine"}, ""},
		{Config{Servers: []string{"ch1.example.jp:9440", "ch2.example.jp:9440"}}, ""},
		{Config{Servers: []string{"https://ch1.example.jp:8443"}}, ""},
		{Config{}, "store.servers is empty and there is no socket"},
		{Config{Servers: []string{"ch1.example.jp"}}, `store.servers[0]: "ch1.example.jp" is no host:port`},
		{Config{Servers: []string{"a:1", "http://b:2"}}, "store.servers[1]: http beside native; all must be of one kind"},
		{Config{Servers: []string{"ftp://b:2"}}, `scheme "ftp"; native (host:port), http or https`},
	}
	for _, tt := range tests {
		db, err := Open(tt.cfg)
		switch {
		case err == nil && tt.want != "":
			t.Errorf("%v opens; want %s", tt.cfg.Servers, tt.want)
		case err != nil && (tt.want == "" || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%v: %v; want %s", tt.cfg.Servers, err, tt.want)
		}
		if err == nil {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestGroupCheck(t *testing.T) {
	good := sampleGroup(t, 5, 6, 1)
	for name, change := range map[string]func(*Group){
		"outside":      func(g *Group) { g.LastSeq = 5 },
		"out of order": func(g *Group) { g.Blocks[0], g.Blocks[1] = g.Blocks[1], g.Blocks[0] },
		"no content":   func(g *Group) { g.Blocks[1].Block = nil },
	} {
		g := sampleGroup(t, 5, 6, 1)
		change(&g)
		if g.check() == nil {
			t.Errorf("%s: passes", name)
		}
	}
	if err := good.check(); err != nil {
		t.Error(err)
	}
}
