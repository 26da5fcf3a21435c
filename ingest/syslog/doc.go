// Package syslog receives syslog lines over UDP, TCP, TLS, RELP and unix sockets and hands
// them, parsed, to a Sink: the first box of the picture.
//
//	UDP  socket ─► reader ─► ring ─► worker ─┐
//	UDP  socket ─► reader ─► ring ─► worker ─┼─► Handler (parse, enrich) ─► Sink (blocks)
//	unix datagrams  ─► reader ─► bundles ────┤
//	TCP  connection ─► Framer ───────────────┤
//	RELP connection ─► RELPFramer ───────────┘ ◄─ answers, block by block
//
// # Guarantees
//
// Every frame cut from a socket is either appended to the Sink or refused and
// counted, with the source and the reason, in an event.Tally; datagrams dropped
// by the kernel are counted too. The raw bytes reach the Sink as they came; only
// the wire frame (octet count, trailing LF, CRLF or NUL) is taken off; a datagram
// is one line, whatever it holds: text from outside must not make lines of its own.
// What a line says never makes it refused. Lines of one source keep their order.
//
// TCP is held back when the Sink has no room: the connection is not read. A UDP
// sender cannot be held back: the reader copies datagrams into a bounded ring
// and never waits. Past half of the ring a source that uses more than its fair
// share is refused first (share); a full ring refuses everybody (bus_full). Who writes
// to a unix socket waits, over a stream or in datagrams, or is told by its kernel.
//
// # What plain TCP can lose
//
// A stop closes the port, ends our side of every connection, and reads until the
// sender closes, is silent, or half of Config.Drain is over; then what the kernel
// holds. A sender that looks for the end (rsyslog, syslog-ng over plain TCP) loses
// nothing. One that does not (many devices, syslog-ng over TLS) loses what it has on
// the way when we close, and what it writes until it notices, mostly one write: TCP
// told it that its kernel took these bytes, never that we read them. So does every sender when the process is killed or the host
// fails: what lay unread in both kernels and the blocks in memory.
//
// # RELP
//
// A message is answered (rsp 200 OK) once the block that holds it is on disk, in the
// order of the messages; up to maxOwed may wait. A stop reads no further, answers what
// the disk takes meanwhile, says serverclose and waits for the sender to close. So
// nothing that a sender was answered is lost, and it sends again the rest. A message
// over MaxLine is cut, flagged and answered: its sender would send it for ever. Up to
// 16 MiB that is; what is longer, or no RELP, ends the connection (serverclose).
//
// A message that comes again on a new connection of the same address is recognised
// where that is certain: where the first messages are, in order, the end of what
// another connection took and did not answer, or not so that it arrived. That one may
// have ended, or be open still: the new one's messages are then held for up to a second,
// until it ends, goes on (it is another sender), or has said nothing and waits for
// answers (it is closed). What is recognised is answered and not taken twice.
// Equal lines are legitimate: one proves nothing unless the sender owes this very one.
//
// Taken twice may be: what was on disk and unanswered when the process or the host was
// killed (that memory is gone), or when a stop's time was over; one message whose
// answer alone was lost; what a box in between took from us in the sender's name; and
// what the sender itself repeats in another order.
//
// # Bounds
//
// A line is at most Config.MaxLine bytes (longer ones are cut and flagged, their
// length is noted), a connection's buffer MaxLine and 4 KiB, a ring Config.Ring
// bytes, the books Config.MaxSources sources (further ones are counted together
// under the peer ""). Connections are bounded in number, per address, in idle
// time and in the time one frame may take.
package syslog
