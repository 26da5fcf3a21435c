package bus

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// Check implements server.Authentication.
func (d *Door) Check(c server.ClientAuthentication) bool {
	o := c.GetOpts()
	if c.Kind() != server.CLIENT {
		return false
	}
	if c.GetTLSConnectionState() == nil { // in this process
		if o.Username != "hub" || subtle.ConstantTimeCompare([]byte(o.Password), []byte(d.secret)) != 1 {
			return false
		}
		c.RegisterUser(&server.User{Username: "hub", Account: d.hub})
		return true
	}
	name, proof, err := d.admit(c)
	if err != nil {
		d.turnedAway(c, err)
		return false
	}
	account, err := d.account(name)
	if err != nil {
		d.turnedAway(c, err)
		return false
	}
	d.enter(c.GetID(), guest{name, proof})
	c.RegisterUser(&server.User{Username: name, Account: account, Permissions: &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: []string{DoorSubject + name}},
		Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX.>"}},
	}})
	return true
}

func (d *Door) admit(c server.ClientAuthentication) (name, proof string, err error) {
	addr := addrOf(c.RemoteAddress())
	o := c.GetOpts()
	if o.Nkey != "" {
		if err := signed(o.Nkey, o.Sig, c.GetNonce()); err != nil {
			d.turned(addr, false)
			return "", "", err
		}
		return d.cfg.Admit(addr, "", o.Nkey)
	}
	token := o.Token
	if token == "" {
		token = o.Password
	}
	return d.cfg.Admit(addr, token, "")
}

// addrOf is an address as Admit wants it.
func addrOf(a net.Addr) netip.Addr {
	if a, ok := a.(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// signed checks an nkey's signature of the nonce.
func signed(public, signature string, nonce []byte) error {
	sig, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		if sig, err = base64.StdEncoding.DecodeString(signature); err != nil {
			return fmt.Errorf("nkey signature: %w", err)
		}
	}
	key, err := nkeys.FromPublicKey(public)
	if err != nil {
		return fmt.Errorf("nkey: %w", err)
	}
	if err := CheckNkey(public); err != nil {
		return err
	}
	if len(nonce) == 0 {
		return errors.New("nkey: nothing was asked to be signed")
	}
	return key.Verify(nonce, sig)
}

// CheckNkey tells whether it is the public nkey of a user.
func CheckNkey(public string) error {
	if !nkeys.IsValidPublicUserKey(public) {
		return errors.New("no public nkey of a user; want what begins with U (nk -gen user -pubout)")
	}
	return nil
}

// account is a sender's own: nothing crosses to others but what it publishes to its
// subject, and the answer.
func (d *Door) account(name string) (*server.Account, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a := d.accounts[name]; a != nil {
		return a, nil
	}
	subject := DoorSubject + name
	if !server.IsValidLiteralSubject(subject) {
		return nil, fmt.Errorf("%q cannot be a part of a subject", name)
	}
	if len(d.accounts) >= doorSenders {
		return nil, fmt.Errorf("more than %d senders", doorSenders)
	}
	a, _ := d.server.LookupOrRegisterAccount("sender " + name)
	if err := a.AddServiceImport(d.hub, subject, subject); err != nil {
		return nil, err
	}
	d.accounts[name] = a
	return a, nil
}

// turnedAway tells of a connection that is not let in: 1st, 2nd, 4th, 8th…
func (d *Door) turnedAway(c server.ClientAuthentication, err error) {
	d.mu.Lock()
	d.denied++
	n := d.denied
	d.mu.Unlock()
	if n&(n-1) == 0 {
		d.log.Warn("a sender over NATS was not let in", "listener", "nats:"+d.cfg.Address, "address", c.RemoteAddress(), "why", err, "connections", n)
	}
}

// doorLog keeps what strangers can cause out of our log: the door itself tells, and
// bounds, what matters.
type doorLog struct{ log *slog.Logger }

func (l doorLog) Noticef(format string, v ...any) { l.debug(format, v) }
func (l doorLog) Warnf(format string, v ...any)   { l.debug(format, v) }
func (l doorLog) Errorf(format string, v ...any)  { l.debug(format, v) }
func (l doorLog) Debugf(format string, v ...any)  { l.debug(format, v) }
func (l doorLog) Tracef(string, ...any)           {}
func (l doorLog) Fatalf(format string, v ...any) {
	l.log.Error("nats for agents: " + fmt.Sprintf(format, v...))
}
func (l doorLog) debug(format string, v []any) {
	l.log.Debug("nats for agents: " + fmt.Sprintf(format, v...))
}
