package simprinter

import (
	"cmp"
	"net"
)

// URI returns the printer's address over IPPS, "" if it does not listen.
func (p *Printer) URI() string { return p.addressOf("ipps", p.tls) }

// PlainURI returns the printer's address over IPP, "" if it does not listen.
func (p *Printer) PlainURI() string { return p.addressOf("ipp", p.plain) }

func (p *Printer) addressOf(scheme string, l net.Listener) string {
	if l == nil {
		return ""
	}
	return scheme + "://" + l.Addr().String() + p.config.Path
}

// RawURI returns the printer's address for RAW, socket://127.0.0.1:PORT, "" if
// it does not listen.
func (p *Printer) RawURI() string {
	if p.raw == nil {
		return ""
	}
	return "socket://" + p.raw.Addr().String()
}

// AnyURI returns the strongest address the printer has: IPPS, IPP, RAW.
func (p *Printer) AnyURI() string { return cmp.Or(p.URI(), p.PlainURI(), p.RawURI()) }
