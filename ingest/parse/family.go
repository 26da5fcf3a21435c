package parse

import (
	"time"

	"yagura/internal/event"
)

// Line is what a family sees: the draft, and what the header parser found. All
// slices are parts of the draft's text, so setting them copies nothing.
type Line struct {
	*event.Draft
	Tag     []byte         // program or APP-NAME as written ("postfix/smtpd"); nil when the header has none
	PID     []byte         // process id as written; nil when none
	Host    []byte         // host name as written; nil when none
	Body    []byte         // what follows header and tag: the family's part
	Whole   []byte         // the text after the PRI: for devices whose lines are no RFC 3164 (YAMAHA, FortiGate, Cisco)
	Zone    *time.Location // the source's zone, never nil
	Headers bool           // a syslog time stamp was found: Time is already set from it

	framed  []byte  // from "<PRI>" on; nil without a PRI
	lines   bool    // a line end stands inside the text
	ietf    bool    // the header is RFC 5424's
	stream  bool    // a container wrote it: no host, no tag
	noMACs  bool    // the family writes no hardware address, or in the one form only
	depth   int     // so many documents carry the line that is read
	scratch *Parser // scratch space; use it within one call only
}

// family parses the lines of one device family. A family is stateless and safe
// for concurrent use; scratch space is the draft's.
type family interface {
	// name is the value of yagura.parser: "linux.sshd", "fortinet.fortigate".
	name() string
	// match says how sure the family is that the line is its own, from what it
	// costs little to see: 0 is no, 100 is certain. It sets nothing.
	match(l *Line) int
	// parse sets the fields. False: it is not this family's line after all, or
	// nothing of it was understood; whatever was set until then stays.
	parse(l *Line) bool
}
