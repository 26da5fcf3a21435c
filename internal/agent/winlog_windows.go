package agent

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Windows Event Log API (winevt.h).
var (
	wevtapi           = windows.NewLazySystemDLL("wevtapi.dll")
	evtSubscribe      = wevtapi.NewProc("EvtSubscribe")
	evtNext           = wevtapi.NewProc("EvtNext")
	evtRender         = wevtapi.NewProc("EvtRender")
	evtClose          = wevtapi.NewProc("EvtClose")
	evtCreateBookmark = wevtapi.NewProc("EvtCreateBookmark")
)

// EVT_SUBSCRIBE_FLAGS and EVT_RENDER_FLAGS.
const (
	toFutureEvents     = 1
	startAtOldest      = 2
	startAfterBookmark = 3
	renderXML          = 1
)

// Errors of the API (winerror.h).
const (
	errorNoMoreItems     = windows.Errno(259)
	errorChannelNotFound = windows.Errno(15007)
	errorInsufficient    = windows.ERROR_INSUFFICIENT_BUFFER
)

// maxEventXML bounds one event in bytes of UTF-16; the service itself allows 64 KiB
// of binary XML.
const maxEventXML = 4 << 20

func canSubscribe() error { return wevtapi.Load() }

// subscription pulls events: no callback runs on threads of the system.
type subscription struct {
	handle  uintptr
	signal  windows.Handle // set when there are events; the pull form needs one
	batch   [64]uintptr
	n, next int
	wide    []uint16
	text    []byte
}

// subscribe opens a channel behind its bookmark. Where the event of the bookmark is
// gone the oldest event left is the next.
func subscribe(channel, bookmark string, beginning bool) (channelReader, error) {
	path, err := windows.UTF16PtrFromString(channel)
	if err != nil {
		return nil, err
	}
	s := &subscription{wide: make([]uint16, 16<<10)}
	if s.signal, err = windows.CreateEvent(nil, 1, 1, nil); err != nil {
		return nil, err
	}
	flags, mark := uintptr(toFutureEvents), uintptr(0)
	if beginning {
		flags = startAtOldest
	}
	if bookmark != "" {
		xml, err := windows.UTF16PtrFromString(bookmark)
		if err == nil {
			flags = startAtOldest
			if mark, _, _ = evtCreateBookmark.Call(uintptr(unsafe.Pointer(xml))); mark != 0 {
				flags = startAfterBookmark
				defer evtClose.Call(mark)
			}
		}
	}
	all, _ := windows.UTF16PtrFromString("*")
	handle, _, err := evtSubscribe.Call(0, uintptr(s.signal), uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(all)), mark, 0, 0, flags)
	if handle == 0 {
		_ = windows.CloseHandle(s.signal)
		return nil, plain(err)
	}
	s.handle = handle
	return s, nil
}

// errNoReason is of a system that has the functions and no event log behind them.
var errNoReason = errors.New("the channel cannot be opened, and the system does not say why; does the service EventLog run here?")

// plain says what can be done.
func plain(err error) error {
	switch {
	case errors.Is(err, windows.ERROR_SUCCESS):
		return errNoReason
	case errors.Is(err, errorChannelNotFound):
		return fmt.Errorf("%w; `wevtutil el` lists the channels", err)
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return fmt.Errorf("%w; run as LocalSystem, or put the account into Event Log Readers", err)
	}
	return err
}

// Next implements channelReader.
func (s *subscription) Next() ([]byte, error) {
	if s.next == s.n {
		if err := s.fetch(); err != nil {
			return nil, err
		}
	}
	event := s.batch[s.next]
	s.next++
	defer evtClose.Call(event)
	return s.render(event)
}

// fetch takes the next events that are there.
func (s *subscription) fetch() error {
	var n uint32
	s.n, s.next = 0, 0
	_ = windows.ResetEvent(s.signal)
	ok, _, err := evtNext.Call(s.handle, uintptr(len(s.batch)), uintptr(unsafe.Pointer(&s.batch[0])), 0, 0, uintptr(unsafe.Pointer(&n)))
	if ok == 0 {
		if errors.Is(err, errorNoMoreItems) || errors.Is(err, windows.WAIT_TIMEOUT) {
			return io.EOF
		}
		return plain(err)
	}
	if s.n = int(n); s.n == 0 {
		return io.EOF
	}
	return nil
}

// render gives the event's XML as UTF-8.
func (s *subscription) render(event uintptr) ([]byte, error) {
	for {
		var used, properties uint32
		ok, _, err := evtRender.Call(0, event, renderXML, uintptr(2*len(s.wide)), uintptr(unsafe.Pointer(&s.wide[0])), uintptr(unsafe.Pointer(&used)), uintptr(unsafe.Pointer(&properties)))
		switch {
		case ok != 0:
			wide := s.wide[:min(int(used/2), len(s.wide))]
			if len(wide) > 0 && wide[len(wide)-1] == 0 {
				wide = wide[:len(wide)-1]
			}
			s.text = append(s.text[:0], string(utf16.Decode(wide))...)
			return s.text, nil
		case errors.Is(err, errorInsufficient) && used <= maxEventXML && int(used) > 2*len(s.wide):
			s.wide = make([]uint16, used/2+1)
		default:
			return nil, fmt.Errorf("render an event: %w", err)
		}
	}
}

// Close implements channelReader.
func (s *subscription) Close() error {
	for ; s.next < s.n; s.next++ {
		_, _, _ = evtClose.Call(s.batch[s.next])
	}
	_, _, _ = evtClose.Call(s.handle)
	return windows.CloseHandle(s.signal)
}
