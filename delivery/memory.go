package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/directory"
)

// Memory keeps what a delivery has learned of a printer, so that the next one
// need not. What is lost or damaged is learned again.
type Memory interface {
	// Load returns what was saved last for a printer's id, nil if nothing was.
	Load(printer string) []byte
	// Save keeps it, at most a few kilobytes.
	Save(printer string, known []byte)
}

// inProcess is the Memory of a Deliverer without another one.
type inProcess struct {
	mu    sync.Mutex
	known map[string][]byte
}

func (m *inProcess) Load(printer string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known[printer]
}

func (m *inProcess) Save(printer string, known []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[string][]byte{}
	}
	m.known[printer] = known
}

// rememberFor is how long a way is used before a better one is looked for.
const rememberFor = 24 * time.Hour

// printerMemory is what is remembered of a printer.
type printerMemory struct {
	Entry    string     `json:"entry"`         // of the directory, as it was then
	URI      string     `json:"uri,omitempty"` // where it answered
	Profile  tlsProfile `json:"profile,omitempty"`
	Found    time.Time  `json:"found,omitzero"`
	NoExpect bool       `json:"no_expect,omitempty"` // it does not ask for the body in time, or at all
	NoGzip   bool       `json:"no_gzip,omitempty"`   // it offers what it cannot do
	// NamesJobs means that it reports the job-name that it was given; NameCut
	// is how many bytes of one it keeps, 0 if not known.
	NamesJobs bool          `json:"names_jobs,omitempty"`
	NameCut   int           `json:"name_cut,omitempty"`
	Counts    countAccuracy `json:"counts,omitzero"`
	// Best is the strongest grade it was reached by.
	Best directory.Grade `json:"best,omitempty"`
	// Upgraded is the address over TLS that it sent us to from a plain one:
	// from then on nothing goes to it without TLS.
	Upgraded string `json:"upgraded,omitempty"`
	// Raw is how it has counted documents that came by port 9100.
	Raw rawCounting `json:"raw,omitzero"`
	// Silent is when it last gave no answer by SNMP.
	Silent time.Time       `json:"silent,omitzero"`
	SNMP   json.RawMessage `json:"snmp,omitempty"`
}

// recallPrinter returns what is remembered of a printer, if the directory's
// entry is still the same.
func (d *Deliverer) recallPrinter(p directory.Printer) *printerMemory {
	var k printerMemory
	if json.Unmarshal(d.memory.Load(lockName(p)), &k) != nil || k.Entry != entryHash(p) {
		k = printerMemory{}
	}
	k.Entry = entryHash(p)
	if k.URI == "" { // only what was learned when it was added is known
		k.NoExpect, k.Profile = k.NoExpect || p.NoExpect, tlsProfile(p.TLS)
	}
	return &k
}

func (d *Deliverer) rememberPrinter(p directory.Printer, k *printerMemory) {
	if b, err := json.Marshal(k); err == nil {
		d.memory.Save(lockName(p), b)
	}
}

// entryHash returns a hash of everything the directory says of a printer.
func entryHash(p directory.Printer) string {
	b, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// recentWay returns where the printer was found, if that is recent enough to
// be tried before all other addresses.
func (k *printerMemory) recentWay(now time.Time) (a address, ok bool) {
	return address{k.URI}, k.URI != "" && foundRecently(k.Found, now)
}

func foundRecently(at, now time.Time) bool { age := now.Sub(at); return age >= 0 && age < rememberFor }

// learnWay remembers a way that worked.
func (k *printerMemory) learnWay(s *session, now time.Time) {
	if k.URI != s.uri || k.Profile != s.usedProfile() || !foundRecently(k.Found, now) {
		k.URI, k.Profile, k.Found = s.uri, s.usedProfile(), now
	}
	if s.sentUp {
		k.Upgraded = s.uri
	}
	q := quirksOf(s.info.model())
	k.NoExpect, k.NoGzip = k.NoExpect || q.NoExpect, k.NoGzip || q.NoGzip
}

// usedProfile returns the TLS profile in use, "" without TLS.
func (s *session) usedProfile() tlsProfile {
	if !s.usesTLS() {
		return ""
	}
	return s.dialer.profile()
}
