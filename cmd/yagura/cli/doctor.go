package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

type doctorCmd struct {
	instance
	format
}

// finding is one thing that is well or not.
type finding struct {
	Level string `json:"level"`
	Place string `json:"place"`
	What  string `json:"what"`
	Mend  string `json:"mend,omitempty"`
}

// Run prints findings in order of harm; exit code 1 when something is wrong.
func (c *doctorCmd) Run(r *run) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	var h struct {
		Findings []finding `json:"findings"`
	}
	if err := cl.get(r.ctx, "health", nil, &h); err != nil {
		return err
	}
	if err := printFindings(r.Out, c.Format, h.Findings); err != nil {
		return err
	}
	wrong := 0
	for _, f := range h.Findings {
		if f.Level != "ok" {
			wrong++
		}
	}
	switch wrong {
	case 0:
		return nil
	case 1:
		return errors.New("1 finding")
	}
	return fmt.Errorf("%d findings", wrong)
}

func printFindings(w io.Writer, format string, all []finding) error {
	if format == "table" { // for people: the mend below its finding, whole
		out := bufio.NewWriter(w)
		for _, f := range all {
			fmt.Fprintf(out, "%-8s %-10s %s\n", f.Level, f.Place, printable(f.What))
			if f.Mend != "" {
				fmt.Fprintf(out, "%-8s %-10s → %s\n", "", "", printable(f.Mend))
			}
		}
		return out.Flush()
	}
	p, err := newRowPrinter(format, w, `["level","place","what","mend"]`)
	if err != nil {
		return err
	}
	for _, f := range all {
		text, err := json.Marshal(f)
		if err != nil {
			return err
		}
		if err := p.row(text); err != nil {
			return err
		}
	}
	return p.end()
}
