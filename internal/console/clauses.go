package console

import "yagura/internal/event"

// clause returns a clause's short name, "" for one that the policy has not.
func (s speech) clause(id string) string {
	c := event.ClauseOf(id)
	return s.pick(c.Ja, c.En)
}
