package snmp

import "slices"

const (
	levelUnknown = -2 // of prtMarkerSuppliesLevel and -MaxCapacity
	unitPercent  = 19 // prtMarkerSuppliesSupplyUnit
)

// receptacles are the prtMarkerSuppliesType that are filled and not used up:
// toner, ink, wax, water, paper. It spares asking for prtMarkerSuppliesClass.
var receptacles = []int{4, 8, 14, 24, 26}

// levelsAtOnce is how many rows are asked for where it is not known how many there are.
const levelsAtOnce = 10

// askLevels reads the levels, as many rows at a time as there were last time.
func (l *lookup) askLevels() error {
	n := len(l.known.Supplies)
	known := n > 0
	if !known {
		n = levelsAtOnce
	}
	if known && l.v1 {
		return l.askKnownLevels()
	}
	column := of(supplyLevel, l.known.device())
	for after := 0; len(l.report.Supplies) < maxSupplies; {
		found, end, err := l.source.rows(n, after, column)
		for _, r := range found[:min(len(found), maxSupplies-len(l.report.Supplies))] {
			l.report.Supplies = append(l.report.Supplies, Supply{Index: r.index, Level: int32Of(r.cells[0]), Max: levelUnknown})
		}
		if err != nil {
			return err
		}
		if end || known && len(found) == n {
			break
		}
		after = found[len(found)-1].index
	}
	l.keepIndices()
	return nil
}

// askKnownLevels spares SNMPv1, which has no GETBULK, an exchange for each.
func (l *lookup) askKnownLevels() error {
	column := of(supplyLevel, l.known.device())
	var names []string
	for _, k := range l.known.Supplies {
		names = append(names, of(column, k.Index))
	}
	v, err := l.source.get(names...)
	for i, k := range l.known.Supplies {
		if v.has(names[i]) {
			l.report.Supplies = append(l.report.Supplies, Supply{Index: k.Index, Level: int32Of(v[names[i]]), Max: levelUnknown})
		}
	}
	return err
}

// keepIndices makes the known supplies those that there are.
func (l *lookup) keepIndices() {
	var all []KnownSupply
	for _, s := range l.report.Supplies {
		at := slices.IndexFunc(l.known.Supplies, func(k KnownSupply) bool { return k.Index == s.Index })
		if at < 0 {
			all = append(all, KnownSupply{Index: s.Index, Max: levelUnknown})
		} else {
			all = append(all, l.known.Supplies[at])
		}
	}
	l.known.Supplies = all
}

// namesAtOnce is how many rows of four columns stay under 1400 bytes.
const namesAtOnce = 9

// askNames reads what does not change of supplies, of as many as the budget
// has bytes for; the others are left to the next lookup.
func (l *lookup) askNames() error {
	d, all := l.known.device(), l.known.Supplies
	columns := []string{of(supplyType, d), of(supplyName, d), of(supplyUnit, d), of(supplyMax, d)}
	for at := 0; at < len(all); {
		if all[at].Named {
			at++
			continue
		}
		n := min(l.namesThatFit(len(all)-at), namesAtOnce)
		if n < 1 {
			return nil
		}
		after := 0
		if at > 0 {
			after = all[at-1].Index
		}
		found, _, err := l.source.rows(n, after, columns...)
		if err != nil {
			return err
		}
		for _, r := range found {
			l.keepName(r)
		}
		// What has no name now has none the next time either.
		for end := at + max(len(found), 1); at < end && at < len(all); at++ {
			all[at].Named = true
		}
	}
	return nil
}

// namesThatFit is how many of so many rows the budget has bytes for.
func (l *lookup) namesThatFit(rows int) int {
	const head, line = 4 * cellBytes, 3*cellBytes + textBytes/2
	if l.free {
		return rows
	}
	return min(rows, (l.left()-head)/line)
}

func (l *lookup) keepName(r row) {
	for i := range l.known.Supplies {
		if k := &l.known.Supplies[i]; k.Index == r.index {
			k.Type, k.Name = smallOf(r.cells[0]), textOf(r.cells[1], maxText)
			k.Unit, k.Max = smallOf(r.cells[2]), int32Of(r.cells[3])
		}
	}
}

// fillSupply adds to a level what is known of its supply.
func fillSupply(s *Supply, known []KnownSupply) {
	at := slices.IndexFunc(known, func(k KnownSupply) bool { return k.Index == s.Index && k.Named })
	if at < 0 {
		return
	}
	k := known[at]
	s.Type, s.Name, s.Unit, s.Max = k.Type, k.Name, k.Unit, k.Max
	s.Receptacle = slices.Contains(receptacles, s.Type)
	s.Percent = percent(s.Level, s.Max, s.Unit)
}

// percent is nil where it cannot be said.
func percent(level, most, unit int) *int {
	var p int
	switch {
	case level < 0:
		return nil
	case most > 0:
		p = int(min(int64(level)*100/int64(most), 100))
	case (most == levelUnknown || unit == unitPercent) && level <= 100:
		p = level
	default:
		return nil
	}
	return &p
}
