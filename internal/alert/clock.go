package alert

import "time"

// Clock is where the stage reads the time of escalation, of retries and of the
// response record. Windows of suppression use the alerts' own times.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// SystemClock is the host's clock. Its readings are monotonic within a process,
// so a clock that is set does not move an escalation.
type SystemClock struct{}

// Now is time.Now.
func (SystemClock) Now() time.Time { return time.Now() }

// After is time.After.
func (SystemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
