package snmp

import (
	"math"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/printscout/printscout/internal/ipp"
)

// Limits of what is kept of a printer's values, in bytes and numbers.
const (
	maxText     = 255
	maxID1284   = 2048
	maxSupplies = 64
	maxAlerts   = 32
	maxIndex    = math.MaxInt32
)

// objectValues are objects by their names, without the dot in front.
type objectValues map[string]gosnmp.SnmpPDU

// hasAny reports whether there is a value of a usable type.
func (v objectValues) hasAny(names ...string) bool {
	for _, name := range names {
		if isUsable(v[name]) {
			return true
		}
	}
	return false
}

func isUsable(p gosnmp.SnmpPDU) bool {
	switch p.Type {
	case gosnmp.UnknownType, gosnmp.Null, gosnmp.NoSuchObject, gosnmp.NoSuchInstance, gosnmp.EndOfMibView:
		return false
	}
	return p.Value != nil
}

// text returns a string that is fit to be shown, "" if there is none.
func (v objectValues) text(name string, limit int) string { return textOf(v[name], limit) }

func textOf(p gosnmp.SnmpPDU, limit int) string {
	b := bytesOf(p)
	// Some printers end their strings as C does.
	s, _, _ := strings.Cut(string(b), "\x00")
	return strings.TrimSpace(ipp.Clean(s, limit))
}

func bytesOf(p gosnmp.SnmpPDU) []byte {
	b, _ := p.Value.([]byte)
	if !isBytes(p) {
		return nil
	}
	return b
}

// isBytes reports whether a value has a type of bytes, even if it has none.
func isBytes(p gosnmp.SnmpPDU) bool {
	return p.Type == gosnmp.OctetString || p.Type == gosnmp.BitString
}

// number returns an integer of any of SNMP's types; ok is false if there is
// none.
func (v objectValues) number(name string) (n int64, ok bool) { return numberOf(v[name]) }

func numberOf(p gosnmp.SnmpPDU) (int64, bool) {
	switch n := p.Value.(type) {
	case int:
		return int64(n), true
	case uint:
		return int64(min(uint64(n), math.MaxInt64)), true
	case uint32:
		return int64(n), true
	case uint64:
		return int64(min(n, math.MaxInt64)), true
	}
	return 0, false
}

// small returns a number in the range of RFC 3805's enumerations, else 0,
// which is in none of them.
func (v objectValues) small(name string) int { return smallOf(v[name]) }

func smallOf(p gosnmp.SnmpPDU) int {
	n, ok := numberOf(p)
	if !ok || n < 0 || n > math.MaxUint16 {
		return 0
	}
	return int(n)
}

// int32Of returns an Integer32, which levels and maxima are, or otherwise if
// it is not one. Some printers send negative values as numbers without a sign.
func int32Of(p gosnmp.SnmpPDU, otherwise int) int {
	n, ok := numberOf(p)
	if ok && n > math.MaxInt32 && n <= math.MaxUint32 {
		n = int64(int32(uint32(n)))
	}
	if !ok || n < math.MinInt32 || n > math.MaxInt32 {
		return otherwise
	}
	return int(n)
}

// upTime returns a duration from TimeTicks, hundredths of a second.
func (v objectValues) upTime(name string) time.Duration {
	n, ok := v.number(name)
	if !ok || n < 0 || n > math.MaxUint32 {
		return 0
	}
	return time.Duration(n) * 10 * time.Millisecond
}

// row is one row of a table: what the columns have at an index.
type row struct {
	index int
	cells []gosnmp.SnmpPDU // as many as columns; the zero value if there is none
}
