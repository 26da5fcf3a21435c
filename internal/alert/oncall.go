package alert

import (
	"cmp"
	"slices"
	"time"
)

// OnCall is the list of people who are told, from oncall.yaml. The zero value is
// nobody.
type OnCall struct {
	People []Person
}

// DefaultEscalateAfter is how long a person has to acknowledge an incident.
const DefaultEscalateAfter = 15 * time.Minute

// Bounds of the list.
const (
	maxPeople = 100
	maxList   = 1 << 20 // bytes of the file
)

// Person is one entry of the on-call list.
type Person struct {
	Name          string        `json:"name"`
	Address       string        `json:"address"`
	Language      string        `json:"language,omitempty"` // ja or en; "" is Config.Language
	Order         int           `json:"order,omitempty"`    // who comes first; equal orders are told together; 0 is the place in the file
	EscalateAfter time.Duration `json:"escalate_after,omitempty"`
	Hours         Hours         `json:"hours,omitzero"` // zero: always
}

// steps groups the people by order: who is told at once, who next.
func (o OnCall) steps() [][]Person {
	people := slices.Clone(o.People)
	for i := range people {
		people[i].Order = or(people[i].Order, i+1)
		people[i].EscalateAfter = or(people[i].EscalateAfter, DefaultEscalateAfter)
	}
	slices.SortStableFunc(people, func(a, b Person) int { return cmp.Compare(a.Order, b.Order) })
	var steps [][]Person
	for _, p := range people {
		if n := len(steps); n > 0 && steps[n-1][0].Order == p.Order {
			steps[n-1] = append(steps[n-1], p)
			continue
		}
		steps = append(steps, []Person{p})
	}
	return steps
}

func onDuty(people []Person, at time.Time) []Person {
	var on []Person
	for _, p := range people {
		if p.Hours.Covers(at) {
			on = append(on, p)
		}
	}
	return on
}
