package delivery

import (
	"crypto/x509"
	"log/slog"
	"time"

	"github.com/printscout/printscout/delivery/snmp"
)

// Config configures a Deliverer. The zero value is usable.
type Config struct {
	Log      *slog.Logger     // nil discards
	Now      func() time.Time // nil is time.Now; measures only
	Timeouts Timeouts
	Memory   Memory         // nil forgets with the process
	Roots    *x509.CertPool // for certificates of printers without a pin; nil is the computer's own
	SNMPKeys snmp.Keys      // passphrases of the users that directory entries name; may be nil
}

// Timeouts bound every wait of a delivery. A field that is zero has its default.
type Timeouts struct {
	Connect   time.Duration // a connection, and again its TLS hello; 5 s
	Wake      time.Duration // for a printer that does not answer at all; a sixth of it for one that refuses connections; 30 s
	Ready     time.Duration // for a printer that is busy or needs a person; 30 s
	Answer    time.Duration // the answer to a request without a document; 15 s
	Body      time.Duration // longest stall while sending a document, and longest wait for its answer; 60 s
	Settle    time.Duration // for a job to appear or to react to a cancel; 10 s
	Lost      time.Duration // without any answer to questions about a job; 60 s
	Unchanged time.Duration // following a job that does not change; 10 min
	Follow    time.Duration // following a job in total; 2 h
}

func (t Timeouts) withDefaults() Timeouts {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&t.Connect, 5 * time.Second},
		{&t.Wake, 30 * time.Second},
		{&t.Ready, 30 * time.Second},
		{&t.Answer, 15 * time.Second},
		{&t.Body, 60 * time.Second},
		{&t.Settle, 10 * time.Second},
		{&t.Lost, 60 * time.Second},
		{&t.Unchanged, 10 * time.Minute},
		{&t.Follow, 2 * time.Hour},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return t
}

// Deliverer delivers documents; it is safe for use by many goroutines.
type Deliverer struct {
	log    *slog.Logger
	now    func() time.Time
	limit  Timeouts
	memory Memory
	keys   snmp.Keys
	roots  *x509.CertPool
	locks  printerLocks
}

// New returns a Deliverer, which needs no closing.
func New(c Config) *Deliverer {
	d := &Deliverer{log: c.Log, now: c.Now, limit: c.Timeouts.withDefaults(), memory: c.Memory, keys: c.SNMPKeys, roots: c.Roots}
	if d.memory == nil {
		d.memory = new(inProcess)
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.now == nil {
		d.now = time.Now
	}
	return d
}
