package snmp

import (
	"net"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/ipp"
)

// maxFamilies bounds how many languages are asked for.
const maxFamilies = 12

// askRest asks what is not known yet, as far as the budget allows. In a lookup
// that is not the first, one part is asked at any cost if none fits: with many
// supplies or alerts it would never fit otherwise.
func (l *lookup) askRest() {
	const interfaceBytes, allTexts = 60, 8 * textBytes
	k := l.known
	l.free = k.Looked
	l.askPart(k.allNamed() || !l.levels, l.someNamesFit(), l.askNames)
	l.askPart(k.HasMAC, l.budgetLeft() >= interfaceBytes, l.askMAC)
	l.askPart(k.HasTexts, l.budgetLeft() >= allTexts, l.askTexts)
	// Not if it turned out to be another printer than the one known: its
	// model has not been asked.
	k.Looked = k.Looked || l.first
	if !k.Looked || !k.allNamed() || !k.HasMAC || !k.HasTexts {
		l.report.Complete = false
	}
}

// someNamesFit reports whether the budget has bytes for names: of one supply
// if any are known, else of as many as are asked for at once.
func (l *lookup) someNamesFit() bool {
	if n := len(l.known.Supplies); n > 0 {
		return l.namesThatFit(n) > 0
	}
	return l.namesThatFit(namesAtOnce) == namesAtOnce
}

func (l *lookup) askPart(known, fits bool, ask func() error) {
	if !known && (fits || l.free) {
		l.tryPart(ask)
		l.free = false
	}
}

func (l *lookup) askMAC() error {
	const interfaces = 2
	found, _, err := l.source.getRows(interfaces, fromStart, ifPhysAddress)
	if err != nil {
		return err
	}
	l.known.HasMAC = true
	for _, r := range found {
		if mac := bytesOf(r.cells[0]); len(mac) == 6 && !slices.Equal(mac, make([]byte, 6)) {
			l.known.MAC = net.HardwareAddr(mac).String()
			return nil
		}
	}
	return nil
}

func (l *lookup) askTexts() error {
	k, d := l.known, l.known.deviceIndex()
	name := instanceOf(prtName, d)
	v, err := l.source.getObjects(sysDescr, sysName, sysLocation, name, entFirmware, pwgID1284, hpID1284)
	if err != nil {
		return err
	}
	first := func(limit int, names ...string) string {
		for _, n := range names {
			if s := v.text(n, limit); s != "" {
				return s
			}
		}
		return ""
	}
	k.Name, k.Location = first(maxText, name, sysName), first(maxText, sysLocation)
	k.Firmware, k.ID1284 = first(maxText, entFirmware, sysDescr), first(maxID1284, pwgID1284, hpID1284)
	if len(commandSets(k.ID1284)) == 0 {
		if err := l.askFamilies(); err != nil {
			return err
		}
	}
	k.HasTexts = true
	return nil
}

func (l *lookup) askFamilies() error {
	found, _, err := l.source.getRows(maxFamilies, fromStart, instanceOf(languageFamily, l.known.deviceIndex()))
	l.known.Families = nil
	for _, r := range found[:min(len(found), maxFamilies)] {
		l.known.Families = append(l.known.Families, smallOf(r.cells[0]))
	}
	return err
}

// languageFamilies are the values of prtInterpreterLangFamily (RFC 3805,
// PrtInterpreterLangFamilyTC) that a job may be in.
var languageFamilies = map[int]string{
	3: "PCL", 4: "HPGL", 5: "PJL", 6: "PS", 9: "ESCP", 40: "TIFF", 47: "PCLXL", 50: "PRESCRIBE", 54: "PDF", 61: "JPEG",
}

// commandSets returns the command sets of an IEEE 1284 device id.
func commandSets(id string) []string {
	for _, field := range strings.Split(id, ";") {
		key, value, _ := strings.Cut(field, ":")
		switch strings.ToUpper(strings.TrimSpace(key)) {
		case "CMD", "COMMAND SET":
			return splitList(value)
		}
	}
	return nil
}

func splitList(s string) []string {
	const most = 32
	var all []string
	for _, word := range strings.Split(s, ",") {
		if word = strings.TrimSpace(ipp.Clean(word, maxText)); word != "" && len(all) < most && !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}

// fillReport adds to the report what is known.
func (l *lookup) fillReport() {
	k, r := l.known, &l.report
	r.Model, r.MAC, r.Name, r.Location, r.Firmware, r.ID1284 = k.Model, k.MAC, k.Name, k.Location, k.Firmware, k.ID1284
	r.Languages = commandSets(k.ID1284)
	if len(r.Languages) == 0 {
		var names []string
		for _, f := range k.Families {
			names = append(names, languageFamilies[f])
		}
		r.Languages = splitList(strings.Join(names, ","))
	}
	l.fillSupplies()
}
