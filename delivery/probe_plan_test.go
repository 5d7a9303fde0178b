package delivery

import (
	"net"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/directory"
)

// planText returns the addresses of a plan, groups separated by "|"; one after
// ">" is tried only if the one before fails.
func planText(p probePlan) string {
	var groups []string
	for _, g := range p.groups {
		var ends []string
		for _, e := range g {
			text := e.paths[0].uri
			if e.unnamed {
				text += " beyond"
			}
			ends = append(ends, text)
		}
		groups = append(groups, strings.Join(ends, " > "))
	}
	text := strings.Join(groups, " | ")
	if p.raw != "" {
		text += " raw " + p.raw
	}
	if p.rawWanted {
		text += " wanted"
	}
	if p.ask {
		text += " asked"
	}
	return strings.TrimSpace(text)
}

func TestWhatIsTried(t *testing.T) {
	const usual = "ipps://h:443/ipp/print | ipps://h:631/ipp/print | ipp://h:631/ipp/print"
	for target, want := range map[string]string{
		"h":                usual + " raw h:9100",
		"ipps://h":         usual + " raw h:9100",
		"ipp://h/":         usual + " raw h:9100",
		"socket://h":       usual + " raw h:9100 wanted asked",
		"socket://h:9101":  "raw h:9101 wanted asked",
		"h:8631":           "ipps://h:8631/ipp/print > ipp://h:8631/ipp/print",
		"ipp://h:8631":     "ipps://h:8631/ipp/print > ipp://h:8631/ipp/print",
		"ipps://h:8631/p":  "ipps://h:8631/p > ipp://h:8631/p",
		"ipp://h/p":        "ipps://h:443/p | ipps://h:631/p | ipp://h:631/p raw h:9100",
		"::1":              strings.ReplaceAll(usual, "//h", "//[::1]") + " raw [::1]:9100",
		"[::1]:631":        "ipps://[::1]:631/ipp/print > ipp://[::1]:631/ipp/print",
		"printer.example:": strings.ReplaceAll(usual, "//h", "//printer.example") + " raw printer.example:9100",
	} {
		p, err := planOf(target, ProbeOptions{})
		if err != nil || planText(p) != want {
			t.Errorf("%s: %s, %v", target, planText(p), err)
		}
	}
	if p, _ := planOf("h:631", ProbeOptions{Raw: true}); !strings.HasSuffix(planText(p), "raw h:9100 wanted asked") {
		t.Errorf("--raw: %s", planText(p))
	}
}

func TestWhatIsTriedOfADirectory(t *testing.T) {
	for _, c := range []struct {
		uris []string
		raw  bool
		want string
	}{
		{[]string{"ipps://h/ipp/print", "ipp://h/ipp/print"}, false, "ipps://h:443/ipp/print | ipps://h:631/ipp/print | ipp://h/ipp/print"},
		{[]string{"ipps://h:8631/p"}, true, "ipps://h:8631/p raw h:9100 wanted asked"},
		{[]string{"ipp://h:8631/p"}, false, "ipp://h:8631/p | ipps://h:8631/ipp/print beyond"},
		{[]string{"socket://h"}, false, "ipps://h:443/ipp/print beyond | ipps://h:631/ipp/print beyond | ipp://h:631/ipp/print beyond raw h:9100 wanted"},
	} {
		p, err := planOf("P", ProbeOptions{Raw: c.raw, Entry: &directory.Printer{URIs: c.uris}})
		if err != nil || planText(p) != c.want {
			t.Errorf("%v: %s, %v", c.uris, planText(p), err)
		}
	}
	if _, err := planOf("P", ProbeOptions{Entry: &directory.Printer{}}); err == nil {
		t.Error("an entry without addresses was taken")
	}
}

// TestTheDocumentHasEveryName compares docs/probe.md with what is told.
func TestTheDocumentHasEveryName(t *testing.T) {
	b, err := os.ReadFile("../docs/probe.md")
	if err != nil {
		t.Fatal(err)
	}
	var named, codes []string
	_, table, _ := strings.Cut(string(b), "## JSON")
	table, hints, _ := strings.Cut(table, "## Hints")
	for _, m := range regexp.MustCompile("(?m)^\\| (`[^|]*`) \\| ([a-z]+) \\|").FindAllStringSubmatch(table, -1) {
		for _, name := range strings.Split(m[1], ", ") {
			named = append(named, m[2]+" "+strings.Trim(name, "`"))
		}
	}
	var told []string
	for of, v := range map[string]any{"probe": Probe{}, "way": ProbeWay{}, "tls": ProbeTLS{}, "ipp": ProbeIPP{}, "raw": ProbeRaw{}, "snmp": ProbeSNMP{}, "verdict": ProbeVerdict{}} {
		for _, name := range jsonNames(v) {
			told = append(told, of+" "+name)
		}
	}
	slices.Sort(named)
	slices.Sort(told)
	if !slices.Equal(named, told) {
		t.Errorf("docs/probe.md has\n%v\nand told is\n%v", named, told)
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\|").FindAllStringSubmatch(hints, -1) {
		codes = append(codes, m[1])
	}
	var given []string
	for _, h := range hintsTable {
		given = append(given, h.code)
	}
	if !slices.Equal(codes, given) {
		t.Errorf("docs/probe.md has hints %v, given are %v", codes, given)
	}
}

func jsonNames(v any) (names []string) {
	for f := range reflect.TypeOf(v).Fields() {
		if tag := f.Tag.Get("json"); tag != "" {
			names = append(names, strings.Replace(tag, ",omitempty", "?", 1))
		}
	}
	return names
}

// TestPort9100IsKnockedAtLast: without a printer by IPP, and without a word.
func TestPort9100IsKnockedAtLast(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	end := func(scheme string) []probeEnd {
		return []probeEnd{{endpoint: endpoint{paths: withPaths(scheme + "://127.0.0.1:1")}}}
	}
	plan := probePlan{host: "127.0.0.1", groups: [][]probeEnd{end(schemeIPP), end(schemeIPPS)}, raw: l.Addr().String()}
	p := New(Config{}).runProbe(t.Context(), "h", plan, ProbeOptions{NoSNMP: true})
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := c.Read(make([]byte, 1)); n > 0 || err == nil {
		t.Errorf("it was sent something: %v", err)
	}
	if len(p.Ways) != 3 || !p.Ways[2].Answers || p.Ways[2].Raw.Asked || p.Verdict.State != ProbeBlocked || p.Verdict.Grade != directory.GradeRaw {
		t.Errorf("%+v", p)
	}
	for i, want := range []string{"ipps", "ipp", "formats"} {
		if len(p.Verdict.Hints) != 3 || p.Verdict.Hints[i].Code != want {
			t.Errorf("hints %+v", p.Verdict.Hints)
		}
	}
	if b := p.Verdict.NotBetter; len(b) != 3 || !strings.Contains(b[2].Why, "No answer at 127.0.0.1:1") {
		t.Errorf("%+v", b)
	}
}
