package agent

import (
	"sync"
	"time"
)

// maxChannels bounds the channels remembered: of each sender, so that one cannot make
// the others' forgotten, and the senders.
const (
	maxChannels       = 256
	maxChannelSenders = 1024
)

// hecChannels counts what each channel was given. A number is given when its events are
// on disk, so that all below the count are. A channel that was forgotten, as by a new
// start, has none: its sender, if it still asks, sends again. Safe for concurrent use.
type hecChannels struct {
	mu      sync.Mutex
	senders map[string]map[string]*channel
}

type channel struct {
	given uint64
	used  time.Time
}

func newHECChannels() *hecChannels {
	return &hecChannels{senders: map[string]map[string]*channel{}}
}

// next gives a number.
func (c *hecChannels) next(sender, name string) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := c.senders[sender]
	if own == nil {
		if len(c.senders) >= maxChannelSenders {
			clear(c.senders)
		}
		own = map[string]*channel{}
		c.senders[sender] = own
	}
	at := own[name]
	if at == nil {
		if len(own) >= maxChannels {
			forgetOldest(own)
		}
		at = &channel{}
		own[name] = at
	}
	at.used = time.Now()
	at.given++
	return at.given - 1
}

func forgetOldest(own map[string]*channel) {
	oldest := ""
	for name, c := range own {
		if oldest == "" || c.used.Before(own[oldest].used) {
			oldest = name
		}
	}
	delete(own, oldest)
}

// given is how many numbers a channel was given.
func (c *hecChannels) given(sender, name string) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.senders[sender][name]; at != nil {
		at.used = time.Now()
		return at.given
	}
	return 0
}
