package event

// Source says who sent a line: what the receiver saw, never what the text
// claims. Together with the block's identity it is part of the evidence leaf.
type Source struct {
	Peer     string // address of the peer without its port, certificate subject, agent id or path; "" is unknown
	Listener string // the listener's name from configuration: "udp:127.0.0.1:5514"
}

// Reason says why a received line was refused. The list is closed
// (reliability.md, "Words and books").
type Reason uint8

// Reasons of refusal.
const (
	KernelFull Reason = iota // dropped by the kernel: the socket's buffer was full
	Share                    // the source's fair share was used up
	Frame                    // the frame could not be cut: damaged counting, no end within the bound
	Denied                   // not on the allow-list, wrong token or certificate
	BusFull                  // the bus had no room and the sender cannot be held back
	Shutdown                 // arrived while draining
	Crash                    // upper bound of what a kill took from memory
	reasons
)

var reasonNames = [reasons]string{"kernel_full", "share", "frame", "denied", "bus_full", "shutdown", "crash"}

// String returns the word used in the books and in metric labels.
func (r Reason) String() string {
	if r < reasons {
		return reasonNames[r]
	}
	return "unknown"
}

// Reasons returns every reason.
func Reasons() []Reason {
	all := make([]Reason, reasons)
	for i := range all {
		all[i] = Reason(i)
	}
	return all
}

// Tally is a change of the books since the sender's block before: it travels in
// a block, so that it is counted exactly once. Received counts frames cut or
// dropped, whatever became of them; what of it was accepted is the events of
// the block.
type Tally struct {
	Source   Source
	Received uint64
	Refused  [reasons]uint64
}

// RefusedTotal is the sum over all reasons.
func (t Tally) RefusedTotal() (n uint64) {
	for _, c := range t.Refused {
		n += c
	}
	return n
}
