package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestEveryFlippedBitIsRefused(t *testing.T) {
	s := newTestSite(t)
	mustAdd(t, s, deskPrinter())
	good, public := envelopeOf(t, s), s.Public()
	for i := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			if _, err := public.Check(bad); err == nil {
				t.Fatalf("byte %d, bit %d: %q for %q is taken", i, bit, bad[i], good[i])
			}
		}
	}
}

func TestCutOrExtendedEnvelopesAreRefused(t *testing.T) {
	s := newTestSite(t)
	good, public := envelopeOf(t, s), s.Public()
	for n := range good {
		if _, err := public.Check(good[:n]); !errors.Is(err, ErrFormat) {
			t.Fatalf("first %d bytes: %v", n, err)
		}
	}
	for _, tail := range []string{"x", "{}", "\x00", "null", string(good)} {
		if _, err := public.Check(append(bytes.Clone(good), tail...)); !errors.Is(err, ErrFormat) {
			t.Errorf("%.10q after it: %v", tail, err)
		}
	}
	if _, err := public.Check(append(bytes.Clone(good), " \r\n"...)); err != nil {
		t.Errorf("white space after it: %v", err)
	}
}

func TestEnvelopeRules(t *testing.T) {
	s := newTestSite(t)
	good, public := string(envelopeOf(t, s)), s.Public()
	swap := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %s in the envelope", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	if _, err := public.Check([]byte(swap(`{"v":1,`, `{"v":1,"later":{"a":[1,{"b":null}]},`))); err != nil {
		t.Errorf("unknown field: %v", err)
	}
	for name, bad := range map[string]string{
		"version 2":         swap(`"v":1`, `"v":2`),
		"no version":        swap(`"v":1,`, ``),
		"succession null":   swap(`"v":1`, `"v":1,"succession":[null]`),
		"succession broken": swap(`"v":1`, `"v":1,"succession":[{"v":1,"payload":"e30=","signature":"AAAA"}]`),
		"succession object": swap(`"v":1`, `"v":1,"succession":{}`),
		"version twice":     swap(`"v":1`, `"v":1,"v":1`),
		"other case":        swap(`"v":1`, `"v":1,"V":1`),
		"unknown twice":     swap(`"v":1`, `"v":1,"x":{"a":1,"a":2}`),
		"escaped twice":     swap(`"v":1`, `"v":1,"\u0076":2`),
		"nested deep":       swap(`"v":1`, `"v":1,"x":`+strings.Repeat("[", 500)+strings.Repeat("]", 500)),
		"not UTF-8":         swap(`"v":1`, "\"v\":1,\"x\":\"\xff\""),
		"newline in base64": swap(`"payload":"`, `"payload":"\n`),
		"signature short":   swap(`"signature":"`, `"signature":"","x":"`),
		"many fields":       swap(`"v":1`, `"v":1`+manyFields(64)),
		"too large":         good + strings.Repeat(" ", maxEnvelope),
		"array":             "[" + good + "]",
		"null":              "null",
		"nothing":           "",
	} {
		if _, err := public.Check([]byte(bad)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"x%d":1`, i)
	}
	return b.String()
}

func TestOtherKeysContextsAndEpochsAreRefused(t *testing.T) {
	s, other := newTestSite(t), newTestSite(t)
	public := s.Public()
	payload := toJSON(t, s.Directory())

	if _, err := public.Check(envelopeOf(t, other)); !errors.Is(err, ErrSignature) {
		t.Errorf("directory of another site: %v", err)
	}
	if _, err := public.Check(signPayload(t, other, payload)); !errors.Is(err, ErrSignature) {
		t.Errorf("our directory signed by another site: %v", err)
	}
	for _, context := range []string{"", "printscout directory v2", "printscout order v1", successionContext} {
		data := toJSON(t, signStatement(s.key, context, payload))
		if _, err := public.Check(data); !errors.Is(err, ErrSignature) {
			t.Errorf("signed in context %q: %v", context, err)
		}
	}
	if _, err := public.Check(signPayload(t, s, toJSON(t, other.Directory()))); !errors.Is(err, ErrOtherSite) {
		t.Errorf("another site's directory signed by us: %v", err)
	}
	later := *s.Directory()
	later.Epoch++
	if _, err := public.Check(signPayload(t, s, toJSON(t, later))); !errors.Is(err, ErrOtherSite) {
		t.Errorf("another epoch: %v", err)
	}
	public.Epoch++
	if _, err := public.Check(envelopeOf(t, s)); !errors.Is(err, ErrOtherSite) {
		t.Errorf("public part of another epoch: %v", err)
	}
}

func TestPayloadRules(t *testing.T) {
	s := newTestSite(t)
	mustAdd(t, s, deskPrinter())
	public, good := s.Public(), string(toJSON(t, s.Directory()))
	printer := string(toJSON(t, deskPrinter()))
	swap := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %s in %s", old, good)
		}
		return strings.Replace(good, old, with, 1)
	}
	if _, err := public.Check(signPayload(t, s, []byte(swap(`"revision"`, `"later":1e999,"revision"`)))); err != nil {
		t.Errorf("unknown field: %v", err)
	}
	for name, bad := range map[string]string{
		"revision 0":        swap(`"revision":2`, `"revision":0`),
		"revision negative": swap(`"revision":2`, `"revision":-1`),
		"revision huge":     swap(`"revision":2`, `"revision":9007199254740992`),
		"revision twice":    swap(`"revision":2`, `"revision":2,"revision":3`),
		"revision in case":  swap(`"revision":2`, `"revision":2,"Revision":3`),
		"no issued":         swap(`"issued"`, `"issued_"`),
		"issued in parts":   swap(`05Z`, `05.5Z`),
		"no printers":       swap(`"printers"`, `"printers_"`),
		"printers null":     swap(`[`+printer+`]`, `null`),
		"printer null":      swap(printer, `null`),
		"printer twice":     swap(printer, printer+","+printer),
		"name in case":      swap(printer, printer+","+strings.NewReplacer(`"desk"`, `"d2"`, "Front", "FRONT").Replace(printer)),
		"id in case":        swap(printer, printer+","+strings.NewReplacer(`"desk"`, `"DESK"`, "Front", "Back").Replace(printer)),
		"name is an id":     swap(printer, printer+","+strings.NewReplacer(`"desk"`, `"d2"`, "Front desk", "Desk").Replace(printer)),
		"lone surrogate":    swap("Front", `\ud800`),
		"escaped bidi":      swap("Front", `\u202e`),
		"trailing":          good + "{}",
		"empty":             "",
	} {
		if _, err := public.Check(signPayload(t, s, []byte(bad))); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTooManyPrintersAreRefused(t *testing.T) {
	s := newTestSite(t)
	d := *s.Directory()
	for i := range maxPrinters + 1 {
		d.Printers = append(d.Printers, Printer{ID: fmt.Sprint(i), Name: fmt.Sprint("n", i), URIs: []string{"ipp://a"}, Floor: GradeIPP})
	}
	if _, err := s.Public().Check(signPayload(t, s, toJSON(t, d))); !errors.Is(err, ErrFormat) {
		t.Errorf("%d printers: %v", len(d.Printers), err)
	}
	d.Printers = d.Printers[1:]
	if _, err := s.Public().Check(signPayload(t, s, toJSON(t, d))); err != nil {
		t.Errorf("%d printers: %v", len(d.Printers), err)
	}
}

func FuzzCheck(f *testing.F) {
	s := newTestSiteOf(f, goldenSecrets())
	mustAdd(f, s, deskPrinter())
	public := s.Public()
	f.Add(envelopeOf(f, s))
	f.Add([]byte(`{"v":1,"payload":"e30=","signature":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := public.Check(data)
		if (d == nil) != (err != nil) {
			t.Fatalf("%v with %v", d, err)
		}
	})
}

// FuzzPayload signs its input, to reach the parser of the payload.
func FuzzPayload(f *testing.F) {
	s := newTestSiteOf(f, goldenSecrets())
	mustAdd(f, s, deskPrinter())
	f.Add([]byte(toJSON(f, s.Directory())))
	f.Add([]byte(`{"printers":[{"id":"a","name":"\ud800"}]}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		d, err := s.Public().Check(signPayload(t, s, payload))
		if err != nil {
			return
		}
		for _, p := range d.Printers {
			if found, err := d.Find(p.Name); err != nil || found.ID != p.ID {
				t.Fatalf("%q finds %q, %v", p.Name, found.ID, err)
			}
		}
		again, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Public().Check(signPayload(t, s, again)); err != nil {
			t.Fatalf("taken, but not when written again: %v", err)
		}
	})
}
