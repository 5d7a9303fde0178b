package snmp

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/gosnmp/gosnmp"
)

// fromStart is the index before the first row of a table. Some printers count
// from 0.
const fromStart = -1

// getRows asks for up to n rows of a table after an index, or fromStart. end
// reports whether the table has no more. A column that the printer leaves out,
// or cannot tell, is missing in the rows, and a cell that it leaves out in its
// row.
func (s *session) getRows(n, after int, columns ...string) (found []row, end bool, err error) {
	if s.client.Version == gosnmp.Version1 {
		return s.rowsOneByOne(n, after, columns)
	}
	t := newTablePart(columns, after)
	for {
		p, err := s.sendQuestion(func() (*gosnmp.SnmpPacket, error) { return s.client.GetBulk(t.askedNames(), 0, uint32(n)) })
		switch {
		case err != nil:
			return nil, false, err
		case p.Error == gosnmp.NoError:
			t.addVariables(p.Variables)
			found, end := t.wholeRows()
			return found, end, nil
		case p.Error == gosnmp.TooBig && n > 1:
			n /= 2
		case spoiledByOne(p, len(t.asked)) && len(t.asked) > 1:
			t.dropColumn(int(p.ErrorIndex))
		case len(columns) > 1:
			return s.rowsOfHalves(n, after, columns)
		default: // it may know only GETNEXT
			return s.rowsOneByOne(n, after, columns)
		}
	}
}

// rowsOfHalves asks for the columns in two questions.
func (s *session) rowsOfHalves(n, after int, columns []string) (found []row, end bool, err error) {
	half := len(columns) / 2
	left, leftEnd, err := s.getRows(n, after, columns[:half]...)
	if err != nil {
		return nil, false, err
	}
	right, rightEnd, err := s.getRows(n, after, columns[half:]...)
	if err != nil {
		return nil, false, err
	}
	return joinColumns(left, right, half, len(columns), leftEnd, rightEnd), leftEnd && rightEnd, nil
}

// joinColumns joins the rows of two halves of the columns, as far as both have
// come.
func joinColumns(left, right []row, half, columns int, leftEnd, rightEnd bool) []row {
	through := math.MaxInt
	if !leftEnd {
		through = left[len(left)-1].index
	}
	if !rightEnd {
		through = min(through, right[len(right)-1].index)
	}
	at := map[int]row{}
	for i, rows := range [][]row{left, right} {
		for _, r := range rows {
			if at[r.index].cells == nil {
				at[r.index] = row{r.index, make([]gosnmp.SnmpPDU, columns)}
			}
			copy(at[r.index].cells[i*half:], r.cells)
		}
	}
	return sortRows(at, through)
}

// rowsOneByOne is getRows without GETBULK. SNMPv1 answers noSuchName after its
// last object, and names the column.
func (s *session) rowsOneByOne(n, after int, columns []string) (all []row, end bool, err error) {
	t := newTablePart(columns, after)
	for len(all) < n && !end {
		p, err := s.sendQuestion(func() (*gosnmp.SnmpPacket, error) { return s.client.GetNext(t.askedNames()) })
		switch {
		case err != nil:
			return all, false, err
		case p.Error == gosnmp.NoError:
			t.addVariables(p.Variables)
		case spoiledByOne(p, len(t.asked)) && len(t.asked) > 1:
			t.dropColumn(int(p.ErrorIndex))
			continue
		default:
			return all, true, nil
		}
		var found []row
		if found, end = t.wholeRows(); len(found) > 0 {
			t.startAfter(found[len(found)-1].index)
		}
		all = append(all, found...)
	}
	return all, end, nil
}

// tablePart collects a part of a table of the MIB.
type tablePart struct {
	columns []string
	asked   []int // columns
	after   int   // the index before the part
	over    []bool
	last    []int // index that a column has come to
	at      map[int]row
}

func newTablePart(columns []string, after int) *tablePart {
	t := &tablePart{columns: columns}
	for i := range columns {
		t.asked = append(t.asked, i)
	}
	t.startAfter(after)
	return t
}

// startAfter begins another part.
func (t *tablePart) startAfter(after int) {
	t.after, t.at = after, map[int]row{}
	t.over, t.last = make([]bool, len(t.columns)), slices.Repeat([]int{fromStart}, len(t.columns))
}

// askedNames returns the names whose successors are asked for.
func (t *tablePart) askedNames() []string {
	var columns []string
	for _, c := range t.asked {
		columns = append(columns, t.columns[c])
	}
	return namesAfter(columns, t.after)
}

// dropColumn leaves the i-th column that is asked for out of the questions,
// counted from 1.
func (t *tablePart) dropColumn(i int) { t.asked = slices.Delete(t.asked, i-1, i) }

// addVariables sorts variables into rows. A column is over at a variable that
// is not under it, or not after the one before. Printers are not trusted to
// keep to the order.
func (t *tablePart) addVariables(vars []gosnmp.SnmpPDU) {
	for i, pdu := range vars {
		column := t.asked[i%len(t.asked)]
		index, ok := indexUnder(strings.TrimPrefix(pdu.Name, "."), t.columns[column])
		if !ok || index <= t.after || pdu.Type == gosnmp.EndOfMibView {
			t.over[column] = true
			continue
		}
		t.last[column] = max(t.last[column], index)
		if !isUsable(pdu) {
			continue
		}
		if t.at[index].cells == nil {
			t.at[index] = row{index, make([]gosnmp.SnmpPDU, len(t.columns))}
		}
		t.at[index].cells[column] = pdu
	}
}

// wholeRows returns the rows that are whole, in order: a column that lacks a
// row runs ahead of the others, and such rows come again. end reports whether
// all columns are over.
func (t *tablePart) wholeRows() (found []row, end bool) {
	through := math.MaxInt
	for _, column := range t.asked {
		if !t.over[column] && t.last[column] >= 0 {
			through = min(through, t.last[column])
		}
	}
	found = sortRows(t.at, through)
	return found, through == math.MaxInt || len(found) == 0
}

func sortRows(at map[int]row, through int) []row {
	var all []row
	for index, r := range at {
		if index <= through {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b row) int { return cmp.Compare(a.index, b.index) })
	return all
}
