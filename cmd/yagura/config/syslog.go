package config

import (
	"fmt"
	"io/fs"
	"net/netip"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Syslog is one listener: exactly one of UDP, TCP, TLS, RELP and Unix is set.
type Syslog struct {
	UDP            string         `yaml:"udp"`             // host:port
	TCP            string         `yaml:"tcp"`             // host:port
	TLS            string         `yaml:"tls"`             // host:port; TLS 1.2 or newer over TCP (RFC 5425)
	RELP           string         `yaml:"relp"`            // host:port; with Cert and Key over TLS, else over TCP
	Unix           string         `yaml:"unix"`            // path of a socket of this host: datagrams, as /dev/log
	Stream         bool           `yaml:"stream"`          // unix: connections in place of datagrams
	Mode           FileMode       `yaml:"mode"`            // unix: of the socket's file; 0666
	Owner          Owner          `yaml:"owner"`           // unix: of the socket's file: USER, USER:GROUP or :GROUP
	AllowUsers     []UserID       `yaml:"allow_users"`     // unix: users of this host that may send; none allows all
	Cert           string         `yaml:"cert"`            // TLS: PEM file, with its chain; read again when it changes
	Key            string         `yaml:"key"`             // TLS: PEM file
	ClientCA       string         `yaml:"client_ca"`       // TLS: senders must show a certificate that these have signed; its name is the source's
	Clients        []string       `yaml:"clients"`         // TLS: names of certificates; none allows all that ClientCA signed
	CRL            string         `yaml:"crl"`             // TLS: what ClientCA has revoked, PEM or DER; read again when it changes
	Allow          []netip.Prefix `yaml:"allow"`           // senders; none allows all
	MaxLine        Size           `yaml:"max_line"`        // bytes; 64 KiB
	Sockets        int            `yaml:"sockets"`         // UDP: receiving sockets; 2
	Buffer         Size           `yaml:"buffer"`          // UDP, unix: kernel buffer of each socket; 4 MiB
	MaxConnections int            `yaml:"max_connections"` // TCP, TLS, RELP, stream; 1000
	MaxPerAddress  int            `yaml:"max_per_address"` // TCP, TLS, RELP, stream (of a user); 64
	Idle           time.Duration  `yaml:"idle"`            // TCP, TLS, RELP, stream: close after this silence; 24h
}

// Network returns udp, tcp, tls, relp or unix, and the address.
func (s Syslog) Network() (network, address string) {
	switch {
	case s.UDP != "":
		return "udp", s.UDP
	case s.TLS != "":
		return "tls", s.TLS
	case s.RELP != "":
		return "relp", s.RELP
	case s.Unix != "":
		return "unix", s.Unix
	}
	return "tcp", s.TCP
}

// Secured tells whether the listener speaks TLS.
func (s Syslog) Secured() bool { return s.TLS != "" || s.RELP != "" && s.Cert+s.Key+s.ClientCA != "" }

// addresses is the number of addresses that are set: one is right.
func (s Syslog) addresses() (n int) {
	for _, a := range []string{s.UDP, s.TCP, s.TLS, s.RELP, s.Unix} {
		if a != "" {
			n++
		}
	}
	return n
}

// unixPath bounds the path of a unix socket, in bytes (sockaddr_un).
const unixPath = 107

// unix checks what belongs to unix sockets, and only there.
func (d *decoder) unix(field string, l Syslog) {
	if l.Unix == "" {
		for _, k := range []struct {
			name string
			set  bool
		}{{"stream", l.Stream}, {"mode", l.Mode != 0}, {"owner", l.Owner.Set}, {"allow_users", len(l.AllowUsers) > 0}} {
			if k.set {
				d.fail(field+"."+k.name, "of a unix socket, which this is not", "want it with unix only")
			}
		}
		return
	}
	if len(l.Unix) > unixPath || strings.ContainsRune(l.Unix, 0) {
		d.fail(field+".unix", fmt.Sprintf("a path of %d bytes", len(l.Unix)), fmt.Sprintf("want at most %d: a unix socket has no more", unixPath))
	}
	if len(l.Allow) > 0 {
		d.fail(field+".allow", "addresses on a unix socket", "want allow_users: [root, syslog]")
	}
}

// certificates checks what belongs to certificates of senders.
func (d *decoder) certificates(field string, l Syslog) {
	if l.ClientCA == "" && len(l.Clients) > 0 {
		d.fail(field+".clients", "clients without client_ca", "want client_ca: the PEM file of the authority that signs the senders' certificates")
	}
	if l.ClientCA == "" && l.CRL != "" {
		d.fail(field+".crl", "crl without client_ca", "want client_ca: the PEM file of the authority whose list it is")
	}
	for i, c := range l.Clients {
		if strings.TrimSpace(c) == "" || slices.Index(l.Clients, c) < i {
			d.fail(fmt.Sprintf("%s.clients[%d]", field, i), fmt.Sprintf("found %q", c), "want each name once, as yagura sources lists it")
		}
	}
}

// FileMode is the mode of a file, written in octal: 0660.
type FileMode fs.FileMode

// UnmarshalText reads an octal number. The owner must be able to read and write.
func (m *FileMode) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(strings.TrimPrefix(string(text), "0o"), 8, 32)
	if err != nil || n > 0o777 || n&0o600 != 0o600 {
		return fmt.Errorf("want a mode in octal such as 0666 or 0660")
	}
	*m = FileMode(n)
	return nil
}

// Owner is the owner of a file.
type Owner struct {
	Set      bool
	UID, GID int // -1: as it is
}

// UnmarshalText reads USER, USER:GROUP or :GROUP, names or numbers of this host.
func (o *Owner) UnmarshalText(text []byte) error {
	name, group, both := strings.Cut(string(text), ":")
	*o = Owner{true, -1, -1}
	var err error
	if name != "" {
		if o.UID, err = userID(name); err != nil {
			return err
		}
	}
	if group != "" {
		if o.GID, err = groupID(group); err != nil {
			return err
		}
	}
	if name == "" && group == "" || both && group == "" {
		return fmt.Errorf("want USER, USER:GROUP or :GROUP")
	}
	return nil
}

// UserID is a user of this host.
type UserID uint32

// UnmarshalText reads a name or a number.
func (u *UserID) UnmarshalText(text []byte) error {
	id, err := userID(string(text))
	*u = UserID(max(id, 0))
	return err
}

func userID(name string) (int, error) {
	if n, err := strconv.ParseUint(name, 10, 32); err == nil {
		return int(n), nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return -1, fmt.Errorf("want a user of this host, by name or number")
	}
	return strconv.Atoi(u.Uid)
}

func groupID(name string) (int, error) {
	if n, err := strconv.ParseUint(name, 10, 32); err == nil {
		return int(n), nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return -1, fmt.Errorf("want a group of this host, by name or number")
	}
	return strconv.Atoi(g.Gid)
}
