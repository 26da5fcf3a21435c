package bus

import (
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// looked waits until the door has looked at its connections twice.
func (b *doorBench) looked() {
	b.Helper()
	from := b.looks.Load()
	b.until("two looks", func() bool { return b.looks.Load() >= from+2 })
}

// TestTheDoorKeepsWhoIsGood: whoever is good is not turned out with every look, by
// whatever it has shown who it is; nor whoever has not said yet.
func TestTheDoorKeepsWhoIsGood(t *testing.T) {
	b := openDoor(t)
	gone := nats.DisconnectErrHandler(func(c *nats.Conn, err error) { t.Errorf("%s is turned out: %v", c.Opts.Name, err) })
	web := b.mustConnect(nats.Token("ygr_web01"), nats.Name("token"), nats.NoReconnect(), gone)
	fw := b.mustConnect(b.nkey(), nats.Name("nkey"), nats.NoReconnect(), gone)
	named := b.mustConnect(b.nkey(), nats.UserInfo("web01", ""), nats.Name("nkey and a name"), nats.NoReconnect(), gone)
	mute, err := net.Dial("tcp", b.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mute.Close() }()
	b.looked()
	for _, c := range []*nats.Conn{web, fw, named} {
		c.Opts.DisconnectedErrCB = nil
	}
	if b.Connections() != 4 {
		t.Errorf("%d connections; want 4", b.Connections())
	}
}

// TestATokenMadeAnewIsAnotherOne: a name may be good again a moment later; who came in
// by what was revoked goes all the same.
func TestATokenMadeAnewIsAnotherOne(t *testing.T) {
	b := openDoor(t)
	gone := make(chan struct{})
	b.mustConnect(nats.Token("ygr_web01"), nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { close(gone) }))
	b.mu.Lock()
	b.proof["web01"] = "another"
	b.mu.Unlock()
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		t.Fatal("it stays, though its token is another one now")
	}
}

// TestOneAddressDoesNotTakeAllPlaces of the door.
func TestOneAddressDoesNotTakeAllPlaces(t *testing.T) {
	b := openDoor(t)
	web := b.mustConnect(nats.Token("ygr_web01"), nats.NoReconnect())
	for range b.cfg.PerAddr + 8 {
		c, err := net.Dial("tcp", b.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		b.Cleanup(func() { _ = c.Close() })
	}
	b.until("some are counted", func() bool { return b.crowded.Load() > 0 })
	b.until("the places are bounded", func() bool { return b.Connections() <= b.cfg.PerAddr })
	if got := request(t, web, DoorSubject+"web01", "still here"); got != "+ACK" {
		t.Errorf("who was there first: %s", got)
	}
}
