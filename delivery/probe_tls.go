package delivery

import (
	"crypto/tls"
	"strings"

	"github.com/printscout/printscout/internal/directory"
)

// ProbeTLS is what a printer showed of TLS.
type ProbeTLS struct {
	Version     string `json:"version"`
	Profile     string `json:"profile"`
	Old         bool   `json:"old"`
	Pin         string `json:"pin"`
	Pinned      bool   `json:"pinned"`
	Trusted     bool   `json:"trusted"`
	Certificate string `json:"certificate"`
}

// tlsOf returns what the certificate says, nil if none was shown.
func (p *prober) tlsOf(c *shownCertificate) *ProbeTLS {
	chain, host := c.chainAndHost()
	if len(chain) == 0 {
		return nil
	}
	key := chain[0].RawSubjectPublicKeyInfo
	return &ProbeTLS{
		Version: strings.TrimPrefix(tls.VersionName(c.tlsVersion()), "TLS "),
		Old:     c.tlsVersion() < tls.VersionTLS12,
		Pin:     directory.PinOf(key), Pinned: p.printer.Pin != "" && p.printer.PinMatches(key),
		Trusted: verifyChain(host, chain, p.d.roots) == nil, Certificate: noteOn(chain, host, p.d.roots, p.d.now()),
	}
}

func (t *ProbeTLS) setProfile(d *dialer) {
	if t != nil {
		t.Profile = string(d.profile())
		t.Old = t.Old || d.profile() == profileOld
	}
}
