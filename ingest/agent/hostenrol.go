package agent

import (
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// CertificateLife is how long an agent's certificate is good; the agent renews it
// after two thirds of that.
const CertificateLife = 365 * 24 * time.Hour

// enrolQuestion is the body of enrol and renew.
type enrolQuestion struct {
	Token string `json:"token"`
	CSR   string `json:"csr"`
}

type enrolAnswer struct {
	Name        string `json:"name"`
	Certificate string `json:"certificate"`
}

var (
	errInvitation = &refusal{Status: http.StatusUnauthorized, Text: "this token was used, has expired or was never made; make another: yagura agents invite NAME"}
	errCSR        = &refusal{Status: http.StatusBadRequest, Text: "the certificate request is damaged"}
)

// enrol signs the key of an agent that shows a one-time token.
func (h *hosts) enrol(w http.ResponseWriter, r *http.Request, addr netip.Addr) {
	var q enrolQuestion
	err := h.smallJSON(w, r, &q)
	var a enrolAnswer
	if err == nil {
		a, err = h.spend(q)
	}
	if err == errInvitation { //nolint:errorlint // it is ours
		h.limiter.fail(addr)
		h.denied.Add(1)
	}
	if err != nil {
		h.refuse(w, err)
		return
	}
	h.log.Info("an agent was enrolled", "agent", a.Name, "from", addr)
	writeJSON(w, http.StatusOK, a)
}

// spend signs first, then takes the token out of the registry: of several that show
// it at once, one finds it there.
func (h *hosts) spend(q enrolQuestion) (a enrolAnswer, err error) {
	invited, ok := h.registry.Find(q.Token)
	if !ok { // it may have been made a moment ago
		if _, err := h.registry.List(); err != nil {
			return a, err
		}
		invited, ok = h.registry.Find(q.Token)
	}
	if !ok || invited.Kind != KindEnrol {
		return a, errInvitation
	}
	cert, serial, err := h.sign(q.CSR, invited.Name)
	if err != nil {
		return a, err
	}
	hash := HashToken(q.Token)
	err = h.registry.Change(func(all []Entry) ([]Entry, error) {
		i := slices.IndexFunc(all, func(e Entry) bool {
			return e.Kind == KindEnrol && e.Hash == hex.EncodeToString(hash[:]) && e.Good(time.Now())
		})
		if i < 0 {
			return nil, errInvitation
		}
		all = slices.DeleteFunc(slices.Delete(all, i, i+1), func(e Entry) bool { return e.Kind == KindAgent && e.Name == invited.Name })
		return append(all, Entry{Name: invited.Name, Kind: KindAgent, Source: invited.Source, Created: time.Now().UTC().Truncate(time.Second), Serial: serial}), nil
	})
	return enrolAnswer{invited.Name, string(cert)}, err
}

func (h *hosts) sign(csr, name string) (cert []byte, serial string, err error) {
	cert, err = h.certs.Authority().SignClient([]byte(csr), name, CertificateLife)
	if err != nil {
		return nil, "", errCSR
	}
	block, _ := pem.Decode(cert)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, "", errCSR
	}
	return cert, c.SerialNumber.Text(16), nil
}

// renew signs another certificate for an agent that shows a good one. Both are good
// then: the answer may get lost.
func (h *hosts) renew(w http.ResponseWriter, r *http.Request, who Sender) {
	var q enrolQuestion
	err := h.smallJSON(w, r, &q)
	if err == nil && (who.Kind != KindAgent || r.TLS == nil || !h.certs.Ours(r.TLS.VerifiedChains)) {
		err = errNoHost
	}
	var a enrolAnswer
	if err == nil {
		a, err = h.again(q.CSR, who.ID, r.TLS.VerifiedChains[0][0].SerialNumber.Text(16))
	}
	if err != nil {
		h.refuse(w, err)
		return
	}
	h.log.Info("an agent's certificate was renewed", "agent", a.Name)
	writeJSON(w, http.StatusOK, a)
}

func (h *hosts) again(csr, name, shown string) (a enrolAnswer, err error) {
	cert, serial, err := h.sign(csr, name)
	if err != nil {
		return a, err
	}
	err = h.registry.Change(func(all []Entry) ([]Entry, error) {
		i := slices.IndexFunc(all, func(e Entry) bool { return e.Kind == KindAgent && e.Name == name && e.Good(time.Now()) })
		if i < 0 {
			return nil, errNoHost
		}
		all[i].Serial = serial + "," + shown
		return all, nil
	})
	return enrolAnswer{name, string(cert)}, err
}

// holds tells whether a certificate is the agent's: its newest, or the one that was
// shown when that was made.
func (e Entry) holds(serial string) bool {
	return serial != "" && slices.Contains(strings.Split(e.Serial, ","), serial)
}
