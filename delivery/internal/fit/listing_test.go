package fit

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/pwg"
)

// checkListed looks, in a way of its own, for something sent that a printer does
// not list.
func checkListed(sent, printer goipp.Attributes) error {
	seen := map[string]bool{}
	for _, a := range sent {
		if seen[a.Name] {
			return fmt.Errorf("%s is sent twice", a.Name)
		}
		seen[a.Name] = true
		for _, v := range a.Values {
			if !isListed(a.Name, v.V, printer) {
				return fmt.Errorf("%s %v is sent to a printer that does not list it", a.Name, v.V)
			}
		}
	}
	if seen["media"] && seen["media-col"] {
		return fmt.Errorf("the paper is named twice")
	}
	return nil
}

func isListed(name string, v goipp.Value, printer goipp.Attributes) bool {
	supported, _ := ipp.Find(printer, name+"-supported")
	if c, ok := v.(goipp.Collection); ok {
		names := ipp.Strings(printer, name+"-supported")
		return !slices.ContainsFunc(c, func(m goipp.Attribute) bool {
			return !slices.Contains(names, m.Name) || name == "media-col" && !isMemberListed(m, printer)
		})
	}
	for _, s := range supported.Values {
		if goipp.ValueEqual(s.V, v) || s.V == goipp.Value(goipp.Boolean(true)) {
			return true
		}
		n, isInt := v.(goipp.Integer)
		if r, ok := s.V.(goipp.IntegerOrRange); ok && isInt && r.Within(int(n)) {
			return true
		}
	}
	least, greatest := sizeBehind(supported, "custom_min_"), sizeBehind(supported, "custom_max_")
	s, ok := pwg.SizeOf(v.String())
	return name == "media" && ok && strings.HasPrefix(v.String(), "custom_") &&
		s.IsWithin(least, greatest)
}

func sizeBehind(supported goipp.Attribute, prefix string) (s pwg.Size) {
	for _, v := range supported.Values {
		if rest, ok := strings.CutPrefix(v.V.String(), prefix); ok {
			s, _ = pwg.SizeOf("om_x_" + rest)
		}
	}
	return s
}

func isMemberListed(m goipp.Attribute, printer goipp.Attributes) bool {
	if len(m.Values) != 1 {
		return false
	}
	if m.Name != "media-size" {
		return isListed(m.Name, m.Values[0].V, printer)
	}
	asked := m.Values[0].V.(goipp.Collection)
	sizes, has := ipp.Find(printer, "media-size-supported")
	for _, v := range sizes.Values {
		c, _ := v.V.(goipp.Collection)
		if isSideListed(asked, c, "x-dimension") && isSideListed(asked, c, "y-dimension") {
			return true
		}
	}
	x, _ := ipp.Int(goipp.Attributes(asked), "x-dimension")
	y, _ := ipp.Int(goipp.Attributes(asked), "y-dimension")
	return (!has || len(sizes.Values) == 0) && slices.ContainsFunc(ipp.Strings(printer, "media-supported"), func(n string) bool {
		s, ok := pwg.SizeOf(n)
		return ok && s == (pwg.Size{X: x, Y: y})
	})
}

func isSideListed(asked, supported goipp.Collection, name string) bool {
	n, _ := ipp.Int(goipp.Attributes(asked), name)
	a, _ := ipp.Find(goipp.Attributes(supported), name)
	if len(a.Values) == 0 {
		return false
	}
	r, ok := a.Values[0].V.(goipp.IntegerOrRange)
	return ok && r.Within(n)
}

// pool are the values that settings of the property test are drawn from, for
// what is asked and for what is listed.
var pool = map[string]goipp.Attribute{
	"sides":                 ipp.Keyword("", "one-sided", "two-sided-long-edge", "two-sided-short-edge", "tumble"),
	"print-color-mode":      ipp.Keyword("", "auto", "color", "monochrome", "auto-monochrome", "process-monochrome", "bi-level", "process-bi-level"),
	"print-quality":         ipp.Enum("", 3, 4, 5),
	"printer-resolution":    ipp.Resolution("", 150, 300, 360, 600, 720, 1200),
	"orientation-requested": ipp.Enum("", 3, 4, 5, 6, 7),
	"finishings":            ipp.Enum("", 3, 4, 5, 7, 9, 11, 20, 21, 24, 28, 50, 60, 70, 74, 93),
	"media": ipp.Keyword("", "iso_a4_210x297mm", "iso-a4", "A4", "om_near_209.2x297.9mm", "na_letter_8.5x11in", "na_letter_11x8.5in",
		"iso_a5_148x210mm", "custom_min_76x127mm", "custom_max_216x356mm", "labels"),
	"media-source": ipp.Keyword("", "tray-1", "tray-2"),
	"media-type":   ipp.Keyword("", "stationery", "labels"),
	"number-up":    ipp.Integer("", 1, 2, 4),
	"job-sheets":   ipp.Keyword("", "none", "standard"),
	"output-bin":   ipp.Keyword("", "face-down", "top"),
}

var drawnSizes = [][2]int{{21000, 29700}, {21050, 29650}, {21100, 29700}, {21101, 29700}, {21590, 27940}, {14800, 21000}}

func drawValues(r *rand.Rand, name string, from goipp.Attribute, many bool) goipp.Attribute {
	out := goipp.Attribute{Name: name}
	for _, i := range r.Perm(len(from.Values)) {
		out.Values.Add(from.Values[i].T, from.Values[i].V)
		if !many || r.IntN(3) == 0 {
			break
		}
	}
	return out
}

func drawnPrinter(r *rand.Rand) goipp.Attributes {
	attrs := goipp.Attributes{ipp.Keyword("media-col-supported", "media-size", "media-source", "media-type")}
	for _, name := range slices.Sorted(maps.Keys(pool)) {
		if r.IntN(4) > 0 {
			attrs.Add(drawValues(r, name+"-supported", pool[name], true))
		}
	}
	if r.IntN(2) == 0 {
		attrs.Add(sizesListed(drawnSizes[r.IntN(len(drawnSizes))], drawnSizes[r.IntN(len(drawnSizes))]))
	}
	attrs.Add(ipp.Keyword("job-sheets-default", "standard"))
	attrs.Add(ipp.Keyword("overrides-supported", "pages", "sides", "media"))
	return attrs
}

func drawnTicket(r *rand.Rand) (t Ticket) {
	for _, name := range slices.Sorted(maps.Keys(pool)) {
		if r.IntN(2) == 0 && name != "media-source" && name != "media-type" {
			t = append(t, drawValues(r, name, pool[name], name == "finishings"))
		}
	}
	if r.IntN(2) == 0 {
		s := drawnSizes[r.IntN(len(drawnSizes))]
		t = append(t, mediaCol(sizeRangeAttr(s[0], s[1]), drawValues(r, "media-source", pool["media-source"], false), drawValues(r, "media-type", pool["media-type"], false)))
	}
	if r.IntN(2) == 0 {
		over := goipp.Collection{ipp.Range("pages", 1, 1), drawValues(r, "sides", pool["sides"], false), drawValues(r, "media", pool["media"], false)}
		t = append(t, ipp.Collections(overridesName, over))
	}
	return t
}

// TestOnlyWhatIsListed draws printers and tickets: whatever is sent is listed,
// and whatever is asked for and not sent as it is, is told of.
func TestOnlyWhatIsListed(t *testing.T) {
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(seed, 1))
		printer, asked := drawnPrinter(r), drawnTicket(r)
		f, err := asked.FitTo(printer)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if err := checkListed(f.Attrs, printer); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		said := strings.Join(f.Sentences(), "\n")
		for _, a := range asked {
			if !slices.ContainsFunc(f.Attrs, a.Equal) && !meansNothing(a) && !strings.Contains(said, a.Name) {
				t.Fatalf("seed %d: nothing is said of %s in %q", seed, inWords(goipp.Attributes{a}), said)
			}
		}
	}
}
