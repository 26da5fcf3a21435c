package run

import (
	"net/netip"
	"slices"
	"time"

	"yagura/cmd/yagura/config"
	"yagura/ingest/enrich"
	"yagura/ingest/parse"
	"yagura/internal/event"
)

// Handlers makes the parser-and-enricher pairs that listeners and the offline
// commands use: one for each goroutine.
type Handlers struct {
	enricher *enrich.Enricher
	families *parse.Set
	zone     *time.Location
	sources  []pinned
}

// pinned is what the configuration says of a sender.
type pinned struct {
	match    config.Match
	settings parse.Settings
	zone     string // "" is by address
}

// NewHandlers reads zones, flows, assets, sources and parsers of the configuration.
func NewHandlers(cfg config.Config) (*Handlers, error) {
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return nil, err
	}
	ec, err := enrichment(cfg)
	if err != nil {
		return nil, err
	}
	e, err := enrich.New(ec)
	if err != nil {
		return nil, err
	}
	h := &Handlers{enricher: e, families: parse.NewSet(cfg.Custom.Loaded...), zone: zone}
	for _, s := range cfg.Sources {
		p := pinned{match: s.Match, zone: s.Zone, settings: parse.Settings{Device: s.Device, Encoding: s.Encoding, Location: zone}}
		if s.Timezone != "" {
			if p.settings.Location, err = time.LoadLocation(s.Timezone); err != nil {
				return nil, err
			}
		}
		h.sources = append(h.sources, p)
	}
	slices.SortStableFunc(h.sources, func(a, b pinned) int { return a.match.Closer(b.match) })
	return h, nil
}

// New returns a handler for one goroutine.
func (h *Handlers) New() *Handler {
	return &Handler{parser: h.families.New(), all: h, plain: pinned{settings: parse.Settings{Location: h.zone}}}
}

// Handler parses and enriches drafts. Not safe for concurrent use.
type Handler struct {
	parser *parse.Parser
	all    *Handlers
	plain  pinned
	peer   string // whose settings these are: neighbouring lines mostly share one
	from   string // and from where, for a peer that is a name
	known  *pinned
}

// Handle implements the listeners' Handler.
func (h *Handler) Handle(d *event.Draft) { h.HandleFrom(d, "") }

// HandleFrom is Handle for a peer that is a name (of its certificate) and has sent from
// address; "": the peer is the address, or there is none. What is configured for the
// name counts, else what is for the address; zones and assets go by the address.
func (h *Handler) HandleFrom(d *event.Draft, address string) {
	peer := d.Source.Peer
	p := h.pinnedFrom(peer, address)
	h.parser.Parse(d, &p.settings)
	if p.zone != "" && !d.Has(event.YaguraZone) {
		d.SetString(event.YaguraZone, p.zone)
	}
	if address != "" {
		d.SetString(event.LogSourceAddress, address)
		d.Source.Peer = address
	}
	h.all.enricher.Enrich(d)
	d.Source.Peer = peer
}

func (h *Handler) pinned(peer string) *pinned { return h.pinnedFrom(peer, "") }

func (h *Handler) pinnedFrom(peer, address string) *pinned {
	if h.known != nil && h.peer == peer && h.from == address {
		return h.known
	}
	h.peer, h.from, h.known = peer, address, &h.plain
	if found := h.all.pinned(peer); found != nil {
		h.known = found
	} else if found := h.all.pinned(address); found != nil {
		h.known = found
	}
	return h.known
}

func (h *Handlers) pinned(peer string) *pinned {
	addr, _ := netip.ParseAddr(peer) // invalid: a name
	for i := range h.sources {
		if peer != "" && h.sources[i].match.Of(peer, addr) {
			return &h.sources[i]
		}
	}
	return nil
}

// Location is the zone of sources that state none.
func (h *Handlers) Location() *time.Location { return h.zone }
