package snmp

import (
	"strconv"
	"strings"

	"github.com/gosnmp/gosnmp"
)

// getObjects asks for objects. What is missing, or what the printer refuses to
// tell, is not in the values; the rest is asked again without it.
func (s *session) getObjects(names ...string) (objectValues, error) {
	v, refused := objectValues{}, false
	for len(names) > 0 {
		p, err := s.sendQuestion(func() (*gosnmp.SnmpPacket, error) { return s.client.Get(names) })
		if err != nil {
			return v, err
		}
		refused = refused || isRefusal(p)
		switch {
		case p.Error == gosnmp.NoError:
			return v, s.collectAnswer(v, names, p)
		case spoiledByOne(p, len(names)):
			names = withoutName(names, int(p.ErrorIndex))
		case len(names) == 1:
			names = nil
		default:
			return v, s.getHalves(v, names)
		}
	}
	if refused {
		return v, s.newError(ErrRefused, "not one of the objects is told")
	}
	return v, nil
}

// spoiledByOne reports whether one object, which the answer names, spoiled the
// question: so do SNMPv1 (RFC 1157, 4.1.2) and some printers of version 2.
func spoiledByOne(p *gosnmp.SnmpPacket, asked int) bool {
	i := int(p.ErrorIndex)
	return p.Error != gosnmp.NoError && p.Error != gosnmp.TooBig && i >= 1 && i <= asked
}

// withoutName returns the names without the i-th, counted from 1.
func withoutName(names []string, i int) []string {
	return append(append([]string{}, names[:i-1]...), names[i:]...)
}

func (s *session) getHalves(v objectValues, names []string) error {
	for _, half := range [][]string{names[:len(names)/2], names[len(names)/2:]} {
		more, err := s.getObjects(half...)
		if err != nil {
			return err
		}
		for name, p := range more {
			v[name] = p
		}
	}
	return nil
}

// collectAnswer adds what was asked for, and nothing else, to the values.
func (s *session) collectAnswer(v objectValues, names []string, p *gosnmp.SnmpPacket) error {
	asked := map[string]bool{}
	for _, name := range names {
		asked[name] = true
	}
	nulls := 0
	for _, pdu := range p.Variables {
		name := strings.TrimPrefix(pdu.Name, ".")
		if asked[name] && isUsable(pdu) {
			v[name] = pdu
		}
		if pdu.Type == gosnmp.Null {
			nulls++
		}
	}
	if nulls > 0 && nulls == len(p.Variables) && s.client.Version == gosnmp.Version3 {
		return s.newError(ErrRefused, "an answer without values")
	}
	return nil
}

// namesAfter returns the names whose successors are the rows after an index,
// or all rows.
func namesAfter(columns []string, after int) []string {
	if after == fromStart {
		return columns
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = instanceOf(c, after)
	}
	return names
}

// indexUnder returns the index of a name under a column whose rows have one
// number as index.
func indexUnder(name, column string) (int, bool) {
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
