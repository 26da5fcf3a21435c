package syslog

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// revocations are the certificates that authorities have revoked (RFC 5280, 5). nil
// holds none. Immutable.
type revocations struct {
	serials map[revocation]struct{}
	next    time.Time // when the first of the lists should have been replaced; zero: none says
}

// revocation names a certificate by the authority's key and the serial number: of an
// authority's renewed certificate the key stays.
type revocation struct{ key, serial string }

func revocationOf(by *x509.Certificate, serial *big.Int) revocation {
	return revocation{string(by.RawSubjectPublicKeyInfo), string(serial.Bytes())}
}

// readRevocations reads the lists of a file; each must be signed by an authority.
func readRevocations(path string, authorities []*x509.Certificate) (*revocations, *FileError) {
	if path == "" {
		return nil, nil
	}
	text, ferr := readTLSFile("crl", path)
	if ferr != nil {
		return nil, ferr
	}
	r := &revocations{serials: make(map[revocation]struct{})}
	if !bytes.Contains(text, []byte("-----BEGIN ")) {
		if err := r.add(text, authorities); err != nil {
			return nil, fileError("crl", path, "%w", err)
		}
		return r, nil
	}
	lists := 0
	err := eachPEM(text, func(b *pem.Block, line int) error {
		if b.Type != "X509 CRL" {
			return nil
		}
		lists++
		if err := r.add(b.Bytes, authorities); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		return nil
	})
	if err == nil && lists == 0 {
		err = fmt.Errorf("holds no revocation list; want PEM (X509 CRL) or DER")
	}
	if err != nil {
		return nil, fileError("crl", path, "%w", err)
	}
	return r, nil
}

// Extensions of lists that are not complete (RFC 5280, 5.2.4 and 5.3.3).
var (
	deltaIndicator    = asn1.ObjectIdentifier{2, 5, 29, 27}
	certificateIssuer = asn1.ObjectIdentifier{2, 5, 29, 29}
)

// add takes one list.
func (r *revocations) add(der []byte, authorities []*x509.Certificate) error {
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return fmt.Errorf("%w; want a revocation list, PEM (X509 CRL) or DER", err)
	}
	for _, e := range list.Extensions {
		if e.Id.Equal(deltaIndicator) {
			return fmt.Errorf("the list of %q holds changes only (a delta); want the whole list", list.Issuer)
		}
	}
	by := signerOf(list, authorities)
	if by == nil {
		return fmt.Errorf("the list of %q was signed by no authority of client_ca; want the list of one of them", list.Issuer)
	}
	for _, e := range list.RevokedCertificateEntries {
		for _, x := range e.Extensions {
			if x.Id.Equal(certificateIssuer) {
				return fmt.Errorf("the list of %q speaks for other authorities; want the list of the authority itself", list.Issuer)
			}
		}
		r.serials[revocationOf(by, e.SerialNumber)] = struct{}{}
	}
	if n := list.NextUpdate; !n.IsZero() && (r.next.IsZero() || n.Before(r.next)) {
		r.next = n
	}
	return nil
}

func signerOf(list *x509.RevocationList, authorities []*x509.Certificate) *x509.Certificate {
	for _, a := range authorities {
		if bytes.Equal(a.RawSubject, list.RawIssuer) && list.CheckSignatureFrom(a) == nil {
			return a
		}
	}
	return nil
}

// holds tells that every way from the certificate to an authority has a revoked link.
func (r *revocations) holds(chains [][]*x509.Certificate) bool {
	if r == nil {
		return false
	}
	for _, chain := range chains {
		if !r.breaks(chain) {
			return false
		}
	}
	return len(chains) > 0
}

func (r *revocations) breaks(chain []*x509.Certificate) bool {
	for i := range len(chain) - 1 {
		if _, ok := r.serials[revocationOf(chain[i+1], chain[i].SerialNumber)]; ok {
			return true
		}
	}
	return false
}

// until is when the lists should have been replaced; zero: there are none, or they do
// not say.
func (r *revocations) until() time.Time {
	if r == nil {
		return time.Time{}
	}
	return r.next
}
