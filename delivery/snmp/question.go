package snmp

import (
	"strconv"
	"strings"

	"github.com/gosnmp/gosnmp"
)

// get asks for objects. What is not there, or what the printer will not tell,
// is not in the values; the rest is asked again without it.
func (s *session) get(names ...string) (values, error) {
	v, refused := values{}, false
	for len(names) > 0 {
		p, err := s.ask(func() (*gosnmp.SnmpPacket, error) { return s.g.Get(names) })
		if err != nil {
			return v, err
		}
		refused = refused || isRefusal(p)
		switch {
		case p.Error == gosnmp.NoError:
			return v, s.collect(v, names, p)
		case spoilt(p, len(names)):
			names = without(names, int(p.ErrorIndex))
		case len(names) == 1:
			names = nil
		default:
			return v, s.getHalves(v, names)
		}
	}
	if refused {
		return v, s.failed(ErrRefused, "not one of the objects is told")
	}
	return v, nil
}

// spoilt reports whether one object, which the answer names, spoilt the
// question: so SNMPv1 (RFC 1157, 4.1.2), and some printers of version 2.
func spoilt(p *gosnmp.SnmpPacket, asked int) bool {
	i := int(p.ErrorIndex)
	return p.Error != gosnmp.NoError && p.Error != gosnmp.TooBig && i >= 1 && i <= asked
}

// without leaves out the i-th name, counted from 1.
func without(names []string, i int) []string {
	return append(append([]string{}, names[:i-1]...), names[i:]...)
}

func (s *session) getHalves(v values, names []string) error {
	for _, half := range [][]string{names[:len(names)/2], names[len(names)/2:]} {
		more, err := s.get(half...)
		if err != nil {
			return err
		}
		for name, p := range more {
			v[name] = p
		}
	}
	return nil
}

// collect takes what was asked, and nothing else.
func (s *session) collect(v values, names []string, p *gosnmp.SnmpPacket) error {
	asked := map[string]bool{}
	for _, name := range names {
		asked[name] = true
	}
	nulls := 0
	for _, pdu := range p.Variables {
		name := strings.TrimPrefix(pdu.Name, ".")
		if asked[name] && usable(pdu) {
			v[name] = pdu
		}
		if pdu.Type == gosnmp.Null {
			nulls++
		}
	}
	if nulls > 0 && nulls == len(p.Variables) && s.g.Version == gosnmp.Version3 {
		return s.failed(ErrRefused, "an answer without values")
	}
	return nil
}

// behind are names whose successors are the rows behind an index, or all.
func behind(columns []string, after int) []string {
	if after == fromStart {
		return columns
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = of(c, after)
	}
	return names
}

// under is the index of a name under a column whose rows have one number as index.
func under(name, column string) (int, bool) {
	tail, ok := strings.CutPrefix(name, column+".")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(tail, 10, 32)
	if err != nil || n > maxIndex {
		return 0, false
	}
	return int(n), true
}
