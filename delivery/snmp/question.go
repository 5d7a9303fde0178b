package snmp

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gosnmp/gosnmp"
)

// get asks for objects. What is not there is not in the values.
func (s *session) get(names ...string) (values, error) {
	v := values{}
	for len(names) > 0 {
		p, err := s.ask(func() (*gosnmp.SnmpPacket, error) { return s.g.Get(names) })
		if err != nil {
			return v, err
		}
		switch {
		case p.Error == gosnmp.NoError:
			return v, s.collect(v, names, p)
		case p.Error == gosnmp.TooBig && len(names) > 1:
			return v, s.getHalves(v, names)
		case spoilt(p, len(names)):
			names = without(names, int(p.ErrorIndex))
		case p.Error == gosnmp.NoSuchName && len(names) == 1:
			return v, nil
		default:
			return v, s.failed(ErrGarbled, "error "+p.Error.String())
		}
	}
	return v, nil
}

// spoilt says whether one object, which the answer names, spoilt the question:
// so SNMPv1 (RFC 1157, 4.1.2), and with genErr some printers of version 2.
func spoilt(p *gosnmp.SnmpPacket, asked int) bool {
	i := int(p.ErrorIndex)
	return (p.Error == gosnmp.NoSuchName || p.Error == gosnmp.GenErr) && i >= 1 && i <= asked
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

// rows asks for up to n rows of a table behind an index, 0 for its beginning.
// end says that the table has no more.
func (s *session) rows(n, after int, columns ...string) (found []row, end bool, err error) {
	if s.g.Version == gosnmp.Version1 {
		return s.rowsOneByOne(n, after, columns)
	}
	for {
		p, err := s.ask(func() (*gosnmp.SnmpPacket, error) { return s.g.GetBulk(behind(columns, after), 0, uint32(n)) })
		switch {
		case err != nil:
			return nil, false, err
		case p.Error == gosnmp.TooBig && n > 1:
			n /= 2
		case p.Error != gosnmp.NoError:
			return nil, false, s.failed(ErrGarbled, "error "+p.Error.String())
		default:
			found, end := table(p.Variables, columns, after)
			return found, end, nil
		}
	}
}

// rowsOneByOne is rows for SNMPv1, which answers noSuchName behind its last object.
func (s *session) rowsOneByOne(n, after int, columns []string) (all []row, end bool, err error) {
	for len(all) < n && !end {
		p, err := s.ask(func() (*gosnmp.SnmpPacket, error) { return s.g.GetNext(behind(columns, after)) })
		if err != nil {
			return all, false, err
		}
		if p.Error != gosnmp.NoError {
			return all, true, nil
		}
		var found []row
		if found, end = table(p.Variables, columns, after); len(found) > 0 {
			after = found[len(found)-1].index
		}
		all = append(all, found...)
	}
	return all, end, nil
}

// behind are names whose successors are the rows behind an index.
func behind(columns []string, after int) []string {
	if after == 0 {
		return columns
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = of(c, after)
	}
	return names
}

// table sorts variables, row by row, into rows. The table ends where something
// lies under no column, or is not behind what came before it. Printers are not
// trusted to keep to the order.
func table(vars []gosnmp.SnmpPDU, columns []string, after int) (found []row, end bool) {
	at := map[int]int{}
	for i, pdu := range vars {
		column := i % len(columns)
		index, ok := under(strings.TrimPrefix(pdu.Name, "."), columns[column])
		if !ok || index <= after || !usable(pdu) {
			end = true
			continue
		}
		place, ok := at[index]
		if !ok {
			place = len(found)
			at[index] = place
			found = append(found, row{index, make([]gosnmp.SnmpPDU, len(columns))})
		}
		found[place].cells[column] = pdu
	}
	// Where a column lacks a row it runs ahead; such rows come again.
	found = slices.DeleteFunc(found, func(r row) bool { return !usable(r.cells[0]) })
	slices.SortFunc(found, func(a, b row) int { return a.index - b.index })
	return found, end || len(found) == 0
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
