package snmp

import "slices"

// namesAtOnce is how many rows of four columns stay under 1400 bytes.
const namesAtOnce = 9

// askNames reads what does not change of supplies, of as many as the budget
// has bytes for; the others are left to the next lookup.
func (l *lookup) askNames() error {
	if len(l.known.Supplies) == 0 {
		return l.askUnleveled()
	}
	for {
		all, after := l.known.Supplies, fromStart
		at := slices.IndexFunc(all, func(k KnownSupply) bool { return !k.Named })
		if at < 0 {
			return nil
		}
		n := min(l.namesThatFit(len(all)-at), namesAtOnce)
		if n < 1 {
			return nil
		}
		if at > 0 {
			after = all[at-1].Index
		}
		found, end, err := l.source.getRows(n, after, l.nameColumns()...)
		if err != nil {
			return err
		}
		l.keepNames(found, after, end)
	}
}

func (l *lookup) nameColumns() []string {
	d := l.known.deviceIndex()
	return []string{instanceOf(supplyType, d), instanceOf(supplyName, d), instanceOf(supplyUnit, d), instanceOf(supplyMax, d)}
}

// askUnleveled looks for supplies of a printer that tells no levels.
func (l *lookup) askUnleveled() error {
	for after, end := fromStart, false; !end && len(l.known.Supplies) < maxSupplies; {
		var found []row
		var err error
		if found, end, err = l.source.getRows(namesAtOnce, after, l.nameColumns()...); err != nil {
			return err
		}
		l.keepNames(found, after, end)
		if len(found) > 0 {
			after = found[len(found)-1].index
		}
	}
	l.known.Unsupplied = len(l.known.Supplies) == 0
	return nil
}

// keepNames keeps rows of what does not change. A supply without a name now
// has none the next time either.
func (l *lookup) keepNames(found []row, after int, end bool) {
	through := maxIndex
	if !end {
		through = found[len(found)-1].index
	}
	for _, r := range found {
		l.keepName(r)
	}
	for i := range l.known.Supplies {
		if k := &l.known.Supplies[i]; k.Index > after && k.Index <= through {
			k.Named = true
		}
	}
}

// namesThatFit returns how many of that many rows the budget has bytes for.
func (l *lookup) namesThatFit(rows int) int {
	const head, line = 4 * cellBytes, 3*cellBytes + textBytes/2
	if l.free {
		return rows
	}
	return min(rows, (l.budgetLeft()-head)/line)
}

func (l *lookup) keepName(r row) {
	at := l.supplyIndex(r.index)
	if at < 0 {
		if len(l.known.Supplies) == maxSupplies {
			return
		}
		at = slices.IndexFunc(l.known.Supplies, func(k KnownSupply) bool { return k.Index > r.index })
		if at < 0 {
			at = len(l.known.Supplies)
		}
		l.known.Supplies = slices.Insert(l.known.Supplies, at, KnownSupply{Index: r.index, NoLevel: true})
	}
	k := &l.known.Supplies[at]
	k.Type, k.Name = smallOf(r.cells[0]), textOf(r.cells[1], maxText)
	k.Unit, k.Max = smallOf(r.cells[2]), int32Of(r.cells[3], 0)
}
