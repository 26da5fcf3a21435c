package agent

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// server returns the server's certificate of our own CA, making it where there is
// none, where it ends soon, or where this host has another name or address now.
func (a *Authority) server() (tls.Certificate, error) {
	unlock, err := lockFile(filepath.Join(a.folder, lockName))
	if err != nil {
		return tls.Certificate{}, err
	}
	defer unlock()
	cert, key := filepath.Join(a.folder, serverFile), filepath.Join(a.folder, serverKey)
	names, addrs := hostNames()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err == nil && a.serves(pair.Leaf, names, addrs) {
		return pair, nil
	}
	if err := a.makeServer(cert, key, names, addrs); err != nil {
		return tls.Certificate{}, err
	}
	return tls.LoadX509KeyPair(cert, key)
}

// serves tells whether the certificate is ours and good for a while, for all names.
func (a *Authority) serves(c *x509.Certificate, names []string, addrs []net.IP) bool {
	if time.Until(c.NotAfter) < renewAhead || c.CheckSignatureFrom(a.cert) != nil {
		return false
	}
	for _, n := range names {
		if !slices.Contains(c.DNSNames, n) {
			return false
		}
	}
	return !slices.ContainsFunc(addrs, func(ip net.IP) bool { return !slices.ContainsFunc(c.IPAddresses, ip.Equal) })
}

func (a *Authority) makeServer(cert, key string, names []string, addrs []net.IP) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	t := template(pkix.Name{CommonName: "yagura"}, serverTime)
	t.DNSNames, t.IPAddresses = names, addrs
	t.KeyUsage, t.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, private.Public(), a.key)
	if err != nil {
		return err
	}
	if err := writeKey(key, private); err != nil {
		return err
	}
	return writeFile(cert, append(pemOf("CERTIFICATE", der), a.PEM()...))
}

// maxAddrs bounds the addresses of a certificate: hosts of containers have hundreds.
const maxAddrs = 64

// hostNames is what this host may be called by.
func hostNames() (names []string, addrs []net.IP) {
	names = []string{"localhost"}
	addrs = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if host, err := os.Hostname(); err == nil && host != "" && host != "localhost" {
		names = append(names, strings.ToLower(host))
		if short, _, ok := strings.Cut(host, "."); ok {
			names = append(names, strings.ToLower(short))
		}
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return names, addrs
	}
	for _, a := range all {
		n, ok := a.(*net.IPNet)
		if ok && !n.IP.IsLinkLocalUnicast() && len(addrs) < maxAddrs && !slices.ContainsFunc(addrs, n.IP.Equal) {
			addrs = append(addrs, n.IP)
		}
	}
	return names, addrs
}
