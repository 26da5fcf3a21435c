package dashboards

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// gridWidth is Grafana's.
const gridWidth = 24

// grid places panels from left to right and starts a new line where one would
// overflow; the SDK's own layout lets it hang over the edge.
type grid struct{ x, y, line uint32 }

func (g *grid) place(w, h uint32) dashboard.GridPos {
	if g.x+w > gridWidth {
		g.feed()
	}
	at := dashboard.GridPos{X: g.x, Y: g.y, W: w, H: h}
	g.x += w
	g.line = max(g.line, h)
	return at
}

// heading places a row title of the whole width.
func (g *grid) heading() dashboard.GridPos {
	g.feed()
	at := g.place(gridWidth, 1)
	g.feed()
	return at
}

func (g *grid) feed() {
	g.x, g.y, g.line = 0, g.y+g.line, 0
}
