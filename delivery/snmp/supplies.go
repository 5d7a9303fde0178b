package snmp

import (
	"slices"
	"strings"
)

// Values of prtMarkerSuppliesLevel, -MaxCapacity and -SupplyUnit (RFC 3805)
// that have a meaning of their own. −1 is no limit, −3 is some.
const (
	levelUnknown = -2
	levelEmpty   = -100 // Ricoh's, also under other brands: empty, or nearly so
	unitPercent  = 19
)

// receptacles are the values of prtMarkerSuppliesType that are filled rather
// than used up: toner, ink, wax, water, paper. They spare asking for
// prtMarkerSuppliesClass.
var receptacles = []int{4, 8, 14, 24, 26}

// levelsAtOnce is how many rows are asked for if their number is not known.
const levelsAtOnce = 10

// askLevels reads the levels, as many rows at a time as there were last time.
func (l *lookup) askLevels() error {
	l.levels = true
	n := len(l.known.Supplies)
	known := n > 0
	if !known {
		n = levelsAtOnce
	}
	if known && l.v1 {
		return l.askKnownLevels()
	}
	column := instanceOf(supplyLevel, l.known.deviceIndex())
	for after := fromStart; len(l.report.Supplies) < maxSupplies; {
		found, end, err := l.source.getRows(n, after, column)
		for _, r := range found[:min(len(found), maxSupplies-len(l.report.Supplies))] {
			l.report.Supplies = append(l.report.Supplies, Supply{Index: r.index, Level: int32Of(r.cells[0], levelUnknown), Max: levelUnknown})
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

// askKnownLevels spares SNMPv1, which has no GETBULK, an exchange for each
// level.
func (l *lookup) askKnownLevels() error {
	column := instanceOf(supplyLevel, l.known.deviceIndex())
	var names []string
	for _, k := range l.known.Supplies {
		names = append(names, instanceOf(column, k.Index))
	}
	v, err := l.source.getObjects(names...)
	for i, k := range l.known.Supplies {
		if v.hasAny(names[i]) && !k.NoLevel {
			l.report.Supplies = append(l.report.Supplies, Supply{Index: k.Index, Level: int32Of(v[names[i]], levelUnknown), Max: levelUnknown})
		}
	}
	return err
}

// keepIndices sets the known supplies to those that have levels, and those
// that were found without.
func (l *lookup) keepIndices() {
	var all []KnownSupply
	for _, s := range l.report.Supplies {
		one := KnownSupply{Index: s.Index, Max: levelUnknown}
		if at := l.supplyIndex(s.Index); at >= 0 {
			one = l.known.Supplies[at]
		}
		one.NoLevel = false
		all = append(all, one)
	}
	for _, k := range l.known.Supplies {
		if k.NoLevel && !slices.ContainsFunc(all, func(other KnownSupply) bool { return other.Index == k.Index }) {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b KnownSupply) int { return a.Index - b.Index })
	l.known.Supplies = all
}

// supplyIndex returns the position of the known supply with that index, −1 if
// there is none.
func (l *lookup) supplyIndex(index int) int {
	return slices.IndexFunc(l.known.Supplies, func(k KnownSupply) bool { return k.Index == index })
}

// fillSupplies adds what is known of supplies to their levels, and the
// supplies that have no levels.
func (l *lookup) fillSupplies() {
	for _, k := range l.known.Supplies {
		if k.NoLevel && l.levels {
			l.report.Supplies = append(l.report.Supplies, Supply{Index: k.Index, Level: levelUnknown})
		}
	}
	slices.SortFunc(l.report.Supplies, func(a, b Supply) int { return a.Index - b.Index })
	for i := range l.report.Supplies {
		s := &l.report.Supplies[i]
		if at := l.supplyIndex(s.Index); at >= 0 && l.known.Supplies[at].Named {
			s.addKnown(l.known.Supplies[at])
		}
	}
}

// addKnown adds what is known of a supply.
func (s *Supply) addKnown(k KnownSupply) {
	s.Type, s.Name, s.Unit, s.Max = k.Type, k.Name, k.Unit, k.Max
	s.Receptacle = slices.Contains(receptacles, s.Type) || s.Type <= typeUnknown && strings.Contains(strings.ToLower(s.Name), "waste")
	s.Percent = percentLeft(s.Level, s.Max, s.Unit)
}

// typeUnknown is a prtMarkerSuppliesType that tells nothing, like other (1)
// and 0, which stands for none: the name may tell instead.
const typeUnknown = 2

// percentLeft returns the level in percent, nil if it cannot be said. A
// maximum of 0 was not told. If the unit is percent, the level is the result
// whatever the maximum, unless it is more than 100.
func percentLeft(level, most, unit int) *int {
	var p int
	switch {
	case level == levelEmpty:
		p = 0
	case level < 0:
		return nil
	case unit == unitPercent && level <= 100 && (most <= 0 || most > 100 || level > most):
		p = level
	case most > 0:
		p = int(min(int64(level)*100/int64(most), 100))
	case most == levelUnknown && level <= 100:
		p = level
	default:
		return nil
	}
	return &p
}
