package enrich

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Flow is a sanctioned communication from one zone to another.
//
// A flow between two zones, or between a zone and Outside, is judged so:
//
//   - one that a Flow describes is allowed;
//   - otherwise, when From or To is MyNumber, it is forbidden (policy 6-3-1);
//   - otherwise, when there is any Flow from the one to the other, these are all
//     that is allowed, and it is forbidden;
//   - otherwise it is allowed between two zones, and not judged with Outside.
//
// The direction is that of the event: from source.ip to destination.ip.
type Flow struct {
	From        string       // zone id, or Outside
	To          string       // zone id, or Outside
	Destination netip.Prefix // the zero value: any address of To
	Port        uint16       // destination port; 0: any
	Note        string       // for people: 無害化通信
}

// Values of yagura.flow.
const (
	FlowAllowed   = "allowed"
	FlowForbidden = "forbidden"
)

type pair struct{ from, to uint16 }

// flowTable holds the flows by their zones.
type flowTable struct {
	listed   map[pair][]Flow
	mynumber uint16 // 0: no such zone
}

func newFlows(flows []Flow, index map[string]uint16) (flowTable, []error) {
	t := flowTable{listed: make(map[pair][]Flow), mynumber: index[MyNumber]}
	var errs []error
	for i, f := range flows {
		from, okFrom := index[f.From]
		to, okTo := index[f.To]
		if !okFrom {
			errs = append(errs, fmt.Errorf("flows[%d].from: %q; would be right: one of %s", i, f.From, known(index)))
		}
		if !okTo {
			errs = append(errs, fmt.Errorf("flows[%d].to: %q; would be right: one of %s", i, f.To, known(index)))
		}
		if f.Destination.IsValid() && f.Destination != f.Destination.Masked() {
			errs = append(errs, fmt.Errorf("flows[%d].destination: %v; would be right: %v", i, f.Destination, f.Destination.Masked()))
		}
		if okFrom && okTo && from == to {
			errs = append(errs, fmt.Errorf("flows[%d].to: %q, the same as from; would be right: another zone", i, f.To))
		}
		t.listed[pair{from, to}] = append(t.listed[pair{from, to}], f)
	}
	return t, errs
}

// judge returns FlowAllowed, FlowForbidden, or "" for a flow that nothing is
// said about. port is -1 when it is not known: then only flows to any port fit.
func (t *flowTable) judge(from uint16, destination *end, port int) string {
	to := destination.zone
	flows := t.listed[pair{from, to}]
	for i := range flows {
		f := &flows[i]
		if (!f.Destination.IsValid() || f.Destination.Contains(destination.addr())) && (f.Port == 0 || int(f.Port) == port) {
			return FlowAllowed
		}
	}
	switch {
	case len(flows) > 0 || t.mynumber > 0 && (from == t.mynumber || to == t.mynumber):
		return FlowForbidden
	case from > 0 && to > 0:
		return FlowAllowed
	}
	return ""
}

// known lists the zones, for error texts.
func known(index map[string]uint16) string {
	ids := make([]string, 0, len(index))
	for id := range index {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return strings.Join(ids, ", ")
}
