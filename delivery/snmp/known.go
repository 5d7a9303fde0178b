package snmp

import (
	"encoding/hex"
	"slices"
	"time"

	"github.com/printscout/printscout/internal/ipp"
)

// Known is what need not be asked again of a printer. The caller keeps it, as
// JSON if needed, and passes it to the next lookup. It may be lost, and what
// makes no sense in it is not used. It has no secrets.
type Known struct {
	Version string  `json:"version,omitempty"` // what answered if Access.Version is empty: "1" or "2c"
	Context string  `json:"context,omitempty"` // what showed printer objects if Access.Context is empty
	Engine  *Engine `json:"engine,omitempty"`  // of version 3
	Device  int     `json:"device,omitempty"`  // index in hrDeviceTable; 0 is 1
	Marker  int     `json:"marker,omitempty"`  // index in prtMarkerTable of the one that counts pages; 0 is 1

	// Which printer, in which configuration, the rest belongs to.
	Serial  string `json:"serial,omitempty"`
	Changes int64  `json:"changes,omitempty"` // prtGeneralConfigChanges

	Looked   bool          `json:"looked,omitempty"` // a full lookup has been made
	Model    string        `json:"model,omitempty"`
	Supplies []KnownSupply `json:"supplies,omitempty"` // in the order of their indices
	// Unsupplied means that it was asked for supplies and has none.
	Unsupplied bool   `json:"unsupplied,omitempty"`
	MAC        string `json:"mac,omitempty"`
	HasMAC     bool   `json:"has_mac,omitempty"`   // MAC has been asked for
	HasTexts   bool   `json:"has_texts,omitempty"` // so have these:
	Name       string `json:"name,omitempty"`
	Location   string `json:"location,omitempty"`
	Firmware   string `json:"firmware,omitempty"`
	ID1284     string `json:"id_1284,omitempty"`
	Families   []int  `json:"families,omitempty"` // prtInterpreterLangFamily
}

// KnownSupply is what does not change of a supply.
type KnownSupply struct {
	Index int    `json:"index"`
	Type  int    `json:"type,omitempty"` // prtMarkerSuppliesType
	Name  string `json:"name,omitempty"`
	Unit  int    `json:"unit,omitempty"` // prtMarkerSuppliesSupplyUnit
	Max   int    `json:"max"`            // prtMarkerSuppliesMaxCapacity; 0 if the printer does not say
	Named bool   `json:"named"`          // all but the index has been asked for
	// NoLevel means that the printer tells no level of this supply.
	NoLevel bool `json:"no_level,omitempty"`
}

// Engine is an SNMPv3 engine as it was when it last answered (RFC 3414, 2.2.1).
type Engine struct {
	ID    string    `json:"id"` // in hexadecimal
	Boots uint32    `json:"boots"`
	Time  uint32    `json:"time"` // seconds since it booted
	At    time.Time `json:"at"`   // when, by our clock
}

// Bounds of an engine: RFC 3411, 5 (id), RFC 3414, 2.2.1 (boots and time).
const (
	minEngineID, maxEngineID = 5, 32
	maxEngineCount           = 1<<31 - 1
)

func (e Engine) idBytes() string {
	b, _ := hex.DecodeString(e.ID)
	return string(b)
}

// advancedTo returns the engine as it should be now, the zero value if it
// makes no sense.
func (e Engine) advancedTo(now time.Time) Engine {
	since := now.Sub(e.At)
	n := len(e.idBytes())
	if n < minEngineID || n > maxEngineID || e.Boots > maxEngineCount || since < 0 || since > maxEngineCount*time.Second {
		return Engine{}
	}
	t := int64(e.Time) + int64(since/time.Second)
	if t > maxEngineCount {
		return Engine{}
	}
	e.Time, e.At = uint32(t), now
	return e
}

// usableCopy returns a copy of what can be used of k, never nil.
func (k *Known) usableCopy(now time.Time) *Known {
	if k == nil {
		return &Known{}
	}
	u := *k
	if u.Version != "1" && u.Version != "2c" {
		u.Version = ""
	}
	if u.Context != jetdirect {
		u.Context = ""
	}
	if u.Device < 0 || u.Device > maxIndex {
		u.Device = 0
	}
	if u.Marker < 0 || u.Marker > maxIndex {
		u.Marker = 0
	}
	if u.Engine != nil {
		if e := u.Engine.advancedTo(now); e.ID != "" {
			u.Engine = &e
		} else {
			u.Engine = nil
		}
	}
	u.Serial, u.Model, u.MAC = ipp.Clean(u.Serial, maxText), ipp.Clean(u.Model, maxText), ipp.Clean(u.MAC, maxText)
	u.Name, u.Location = ipp.Clean(u.Name, maxText), ipp.Clean(u.Location, maxText)
	u.Firmware, u.ID1284 = ipp.Clean(u.Firmware, maxText), ipp.Clean(u.ID1284, maxID1284)
	u.Families = slices.Clone(u.Families[:min(len(u.Families), maxFamilies)])
	u.Supplies = usableSupplies(u.Supplies)
	return &u
}

// usableSupplies returns a copy, or nil if any supply makes no sense.
func usableSupplies(all []KnownSupply) []KnownSupply {
	if len(all) > maxSupplies {
		return nil
	}
	after := fromStart
	for _, s := range all {
		if s.Index <= after || s.Index > maxIndex || s.Name != ipp.Clean(s.Name, maxText) {
			return nil
		}
		after = s.Index
	}
	return slices.Clone(all)
}

// forgetPrinter drops all that belongs to another printer or another
// configuration.
func (k *Known) forgetPrinter(serial string, changes int64) {
	*k = Known{Version: k.Version, Context: k.Context, Engine: k.Engine, Device: k.Device, Marker: k.Marker, Serial: serial, Changes: changes}
}

func (k *Known) deviceIndex() int { return max(k.Device, 1) }

// lifeCount returns the name of the object that counts pages.
func (k *Known) lifeCount() string {
	return instanceOf(instanceOf(markerLifeCount, k.deviceIndex()), max(k.Marker, 1))
}

// allNamed reports whether all supplies have their names.
func (k *Known) allNamed() bool {
	if len(k.Supplies) == 0 {
		return k.Unsupplied
	}
	return !slices.ContainsFunc(k.Supplies, func(s KnownSupply) bool { return !s.Named })
}
