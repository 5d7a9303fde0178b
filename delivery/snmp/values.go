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

// hasAny reports whether there is any value of a type that can be used.
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

// text is a string, fit to be shown; empty where it is none.
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

// isBytes reports whether a value is of a type that has bytes, none included.
func isBytes(p gosnmp.SnmpPDU) bool {
	return p.Type == gosnmp.OctetString || p.Type == gosnmp.BitString
}

// number is an integer of any of SNMP's types; ok is false where it is none.
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

// small is a number of a range that RFC 3805 knows; else 0, which is in no enumeration.
func (v objectValues) small(name string) int { return smallOf(v[name]) }

func smallOf(p gosnmp.SnmpPDU) int {
	n, ok := numberOf(p)
	if !ok || n < 0 || n > math.MaxUint16 {
		return 0
	}
	return int(n)
}

// int32Of is an Integer32, which is what levels and maxima are; else otherwise.
// Some printers send what is below 0 as a number without a sign.
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

// upTime is of TimeTicks, hundredths of a second.
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
	cells []gosnmp.SnmpPDU // as many as columns; the zero value where there is none
}
