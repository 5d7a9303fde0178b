package directory

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestDefaultFloor(t *testing.T) {
	const tls, plain = "ipps://p/ipp/print", "ipp://p/ipp/print"
	pin := PinOf([]byte("key"))
	for _, c := range []struct {
		name  string
		uris  []string
		pin   string
		floor Grade
		want  Grade
	}{
		{"tls", []string{tls}, "", "", GradeIPPS},
		{"plain", []string{plain}, "", "", GradeIPP},
		{"both", []string{tls, plain}, "", "", GradeIPP},
		{"pin", []string{tls}, pin, "", GradePinned},
		{"pin and plain address", []string{tls, plain}, pin, "", GradePinned},
		{"pin, plain allowed", []string{tls, plain}, pin, GradeIPP, GradeIPP},
		{"plain address, tls demanded", []string{tls, plain}, "", GradeIPPS, GradeIPPS},
	} {
		if got := NewPrinter("P", c.uris, c.pin, c.floor).Floor; got != c.want {
			t.Errorf("%s: floor %s, want %s", c.name, got, c.want)
		}
	}
}

func TestNewPrinterNormalizes(t *testing.T) {
	uris := []string{"IPP://Host/Path", " ipps://B:631/x ", "ipps://a", "ipp://host/Path"}
	before := slices.Clone(uris)
	p := NewPrinter(" Front desk ", uris, "", "")
	want := []string{"ipps://b:631/x", "ipps://a", "ipp://host/Path"}
	if !slices.Equal(p.URIs, want) || p.Name != "Front desk" {
		t.Errorf("got %q %q", p.Name, p.URIs)
	}
	if !slices.Equal(uris, before) {
		t.Errorf("the caller's slice was changed: %q", uris)
	}
}

func TestEntryRules(t *testing.T) {
	if err := deskPrinter().validate(); err != nil {
		t.Fatalf("good printer refused: %v", err)
	}
	uris := func(u ...string) func(*Printer) { return func(p *Printer) { p.URIs = u } }
	for name, spoil := range map[string]func(*Printer){
		"no id":                func(p *Printer) { p.ID = "" },
		"id with space":        func(p *Printer) { p.ID = "a b" },
		"id with newline":      func(p *Printer) { p.ID = "a\n" },
		"id too long":          func(p *Printer) { p.ID = strings.Repeat("a", 65) },
		"no name":              func(p *Printer) { p.Name = "" },
		"name of a space":      func(p *Printer) { p.Name = " " },
		"name too long":        func(p *Printer) { p.Name = strings.Repeat("n", 128) },
		"name with newline":    func(p *Printer) { p.Name = "a\nb" },
		"name with escape":     func(p *Printer) { p.Name = "a\x1b[2Jb" },
		"name with NUL":        func(p *Printer) { p.Name = "a\x00b" },
		"name with C1":         func(p *Printer) { p.Name = "a\u009bb" },
		"name with bidi":       func(p *Printer) { p.Name = "a\u202eb" },
		"name with isolate":    func(p *Printer) { p.Name = "a\u2066b" },
		"name with zero width": func(p *Printer) { p.Name = "a\u200bb" },
		"name with no-break":   func(p *Printer) { p.Name = "a\u00a0b" },
		"name with BOM":        func(p *Printer) { p.Name = "a\ufeffb" },
		"name with tag":        func(p *Printer) { p.Name = "a\U000e0041b" },
		"name replaced":        func(p *Printer) { p.Name = "a\ufffdb" },
		"name not UTF-8":       func(p *Printer) { p.Name = "a\xffb" },
		"location with bidi":   func(p *Printer) { p.Location = "a\u2067b" },
		"location too long":    func(p *Printer) { p.Location = strings.Repeat("l", 256) },
		"no uris":              uris(),
		"nine uris":            uris(strings.Split("ipp://a ipp://b ipp://c ipp://d ipp://e ipp://f ipp://g ipp://h ipp://i", " ")...),
		"uri twice":            uris("ipp://a", "ipp://a"),
		"ipp before ipps":      uris("ipp://a", "ipps://a"),
		"uri of http":          uris("http://a/"),
		"uri of lpd":           uris("lpd://a/queue"),
		"socket with path":     uris("socket://a:9100/x"),
		"socket with query":    uris("socket://a:9100?x=y"),
		"socket before ipp":    uris("socket://a:9100", "ipp://a/"),
		"uuid odd":             func(p *Printer) { p.UUID = "1234" },
		"serial with control":  func(p *Printer) { p.Serial = "A\x1bB" },
		"snmp version odd":     func(p *Printer) { p.SNMP = &SNMP{Version: "4"} },
		"snmp 3 without user":  func(p *Printer) { p.SNMP = &SNMP{Version: "3"} },
		"snmp 2c with user":    func(p *Printer) { p.SNMP = &SNMP{Version: "2c", User: "u"} },
		"snmp port":            func(p *Printer) { p.SNMP = &SNMP{Version: "2c", Port: 65536} },
		"snmp privacy odd":     func(p *Printer) { p.SNMP = &SNMP{Version: "3", User: "u", Priv: "ROT13"} },
		"snmp community space": func(p *Printer) { p.SNMP = &SNMP{Version: "2c", Community: "a b"} },
		"uri in upper case":    uris("IPPS://a"),
		"uri opaque":           uris("ipps:a"),
		"uri without host":     uris("ipps:///ipp/print"),
		"uri with empty host":  uris("ipps://:631/"),
		"uri with user":        uris("ipps://u:secret@a/"),
		"uri with fragment":    uris("ipps://a/#"),
		"uri with space":       uris("ipps://a/b c"),
		"uri with newline":     uris("ipps://a/\r\nHost: b"),
		"uri not ASCII":        uris("ipps://dr\u00fccker/"),
		"uri port 0":           uris("ipps://a:0/"),
		"uri port 65536":       uris("ipps://a:65536/"),
		"uri port empty":       uris("ipps://a:/"),
		"uri port word":        uris("ipps://a:x/"),
		"uri with zone":        uris("ipps://[fe80::1%25eth0]/"),
		"uri half bracket":     uris("ipps://[::1/"),
		"uri host odd":         uris("ipps://a%41b/"),
		"uri host dots":        uris("ipps://a..b/"),
		"uri too long":         uris("ipps://a/" + strings.Repeat("x", 1023)),
		"pin of md5":           func(p *Printer) { p.Pin = "md5:AAAA" },
		"pin short":            func(p *Printer) { p.Pin = "sha256:AAAA" },
		"pin unpadded":         func(p *Printer) { p.Pin = strings.TrimRight(p.Pin, "=") },
		"pin with newline":     func(p *Printer) { p.Pin += "\n" },
		"pin with loose bits":  func(p *Printer) { p.Pin = pinPrefix + strings.Repeat("A", 42) + "B=" },
		"pinned without pin":   func(p *Printer) { p.Pin = "" },
		"no floor":             func(p *Printer) { p.Floor = "" },
		"unknown floor":        func(p *Printer) { p.Floor = "smtp" },
		"format odd":           func(p *Printer) { p.Formats = []string{"pdf"} },
		"format parameter":     func(p *Printer) { p.Formats = []string{"text/plain; charset=utf-8"} },
		"format newline":       func(p *Printer) { p.Formats = []string{"a/b\n"} },
		"too many formats":     func(p *Printer) { p.Formats = slices.Repeat([]string{"a/b"}, 33) },
	} {
		p := deskPrinter()
		spoil(&p)
		if err := p.validate(); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEntriesOfManyKindsAreTaken(t *testing.T) {
	for _, name := range []string{"Büro 2. OG", "複合機", "طابعة", "Etage 3 – hinten 🖨", "R&D <lab>", strings.Repeat("n", 127)} {
		p := deskPrinter()
		p.Name = name
		if err := p.validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, uri := range []string{"ipps://[2001:db8::9]:631/ipp/print", "ipps://my_printer.local", "ipps://10.0.0.9:8443/a?b=c"} {
		p := deskPrinter()
		p.URIs = []string{uri}
		if err := p.validate(); err != nil {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

func TestGradeOrder(t *testing.T) {
	order := []Grade{GradeRaw, GradeIPP, GradeIPPS, GradePinned}
	for i, g := range order {
		for j, floor := range order {
			if got := g.AtLeast(floor); got != (i >= j) {
				t.Errorf("%s at least %s: %v", g, floor, got)
			}
		}
	}
	for _, g := range []Grade{"", "IPPS", "tls"} {
		if g.AtLeast(GradeRaw) || GradePinned.AtLeast(g) || g.AtLeast(g) {
			t.Errorf("unknown grade %q counts", g)
		}
	}
}

func TestPin(t *testing.T) {
	key := []byte("a public key")
	p := Printer{Pin: PinOf(key)}
	if !p.PinMatches(key) {
		t.Error("own key does not match")
	}
	if p.PinMatches([]byte("another key")) || p.PinMatches(nil) {
		t.Error("another key matches")
	}
	if (Printer{}).PinMatches(key) || (Printer{Pin: PinOf(nil)}).PinMatches(nil) {
		t.Error("no pin or no key matches")
	}
	// echo -n abc | sha256sum, as FIPS 180-4 has it
	if got := PinOf([]byte("abc")); got != "sha256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=" {
		t.Errorf("pin of abc is %s", got)
	}
}

func TestIdentifyTakesWhatMayStandInAnEntry(t *testing.T) {
	for _, c := range []struct{ uuid, serial, wantUUID, wantSerial string }{
		{"urn:uuid:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", " SN1 ", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "SN1"},
		{"f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "", "", ""},
		{"urn:uuid:none", strings.Repeat("x", 128), "", ""},
		{"", "two\nlines", "", ""},
	} {
		var p Printer
		if p.Identify(c.uuid, c.serial); p.UUID != c.wantUUID || p.Serial != c.wantSerial {
			t.Errorf("%q, %q: %+v", c.uuid, c.serial, p)
		}
	}
}
