package parse

import "slices"

// customScratch is a parser's space for reading one line by configuration.
type customScratch struct {
	captures []capture
	held     []byte // values without their escapes; captures may be parts of it
	joined   []byte // a value being built
	damaged  bool   // what was read last was cut
	leaves   objectLeaves
	refused  []*Custom // recognised the line and could not read it
}

func (l *Line) refuse(c *Custom) { l.scratch.custom.refused = append(l.scratch.custom.refused, c) }

func (l *Line) refused(c *Custom) bool { return slices.Contains(l.scratch.custom.refused, c) }
