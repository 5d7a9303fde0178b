package settings

import (
	"fmt"
	"math"
	"strings"
)

// registryType is a type of the registry's values, by the numbers of winnt.h.
type registryType uint32

const (
	regSZ       registryType = 1
	regExpandSZ registryType = 2
	regDWORD    registryType = 4
	regMultiSZ  registryType = 7
	regQWORD    registryType = 11
)

// registryEntry is one value of a key, as Windows gives it.
type registryEntry struct {
	name   string
	kind   registryType
	text   string   // of regSZ and regExpandSZ
	number uint64   // of regDWORD and regQWORD
	list   []string // of regMultiSZ
	err    error    // it could not be read
}

// installationNames are values of the installer's key that say what is
// installed. They are not settings.
var installationNames = []string{"Version", "InstallDir"}

// registryValues reads the values of a key.
func registryValues(entries []registryEntry, where string) rawValues {
	all := rawValues{}
	for _, e := range entries {
		if e.name == "" { // the key's own value
			continue
		}
		v := e.value()
		v.boolByNumber = true
		all.add(e.name, where, v)
	}
	return all
}

func (e registryEntry) value() rawValue {
	if e.err != nil {
		return rawValue{found: "unreadable", broken: fmt.Errorf("it cannot be read: %w", e.err)}
	}
	switch e.kind {
	case regSZ:
		return rawValue{kind: kindText, text: e.text, found: "a REG_SZ"}
	case regExpandSZ:
		// What a variable means depends on who reads it.
		if strings.Contains(e.text, "%") {
			return rawValue{found: "a REG_EXPAND_SZ with a variable", broken: fmt.Errorf("it should have no %%VARIABLE%%, which means something else to each account")}
		}
		return rawValue{kind: kindText, text: e.text, found: "a REG_EXPAND_SZ"}
	case regDWORD, regQWORD:
		if e.number > math.MaxInt64 {
			return rawValue{found: "a REG_QWORD that is too large"}
		}
		return rawValue{kind: kindNumber, number: int64(e.number), found: "a REG_DWORD or REG_QWORD"}
	case regMultiSZ:
		return rawValue{kind: kindList, list: append([]string{}, e.list...), found: fmt.Sprintf("a REG_MULTI_SZ of %d", len(e.list))}
	}
	return rawValue{found: fmt.Sprintf("a registry value of type %d", e.kind)}
}
