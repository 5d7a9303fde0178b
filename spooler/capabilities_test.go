package spooler

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

// grayAndSimplex configures a printer that prints gray on one side of two
// papers, staples at the top left, punches two holes at the left and folds in
// half.
func grayAndSimplex(c *Config) {
	c.Monochrome, c.Simplex = true, true
	c.Media = []string{"na_letter_8.5x11in", "iso_a5_148x210mm"}
	c.Finishings = []int{20, 74, 93}
}

func TestCapabilities(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   map[string]string
	}{
		{"as it comes", func(*Config) {}, map[string]string{
			"color-supported": "true", "pages-per-minute-color": "60",
			"print-color-mode-supported": "auto color monochrome", "print-color-mode-default": "auto",
			"sides-supported": "one-sided two-sided-long-edge two-sided-short-edge", "sides-default": "one-sided",
			"pwg-raster-document-type-supported": "black_1 sgray_8 srgb_8 srgb_16",
			"urf-supported":                      "V1.4 CP1 DM1 RS300-600 W8 SRGB24 FN3",
			"finishings-supported":               "3", "finishings-default": "3", "finishings-ready": "3",
			"media-default": "iso_a4_210x297mm",
		}},
		{"plain", grayAndSimplex, map[string]string{
			"color-supported": "false", "pages-per-minute-color": "",
			"print-color-mode-supported": "auto monochrome", "print-color-mode-default": "auto",
			"sides-supported": "one-sided", "sides-default": "one-sided",
			"pwg-raster-document-type-supported": "black_1 sgray_8",
			"urf-supported":                      "V1.4 CP1 RS300-600 W8 FN3-20-74-93",
			"finishings-supported":               "3 20 74 93", "finishings-default": "3", "finishings-ready": "3 20 74 93",
			"media-default":       "na_letter_8.5x11in",
			"media-supported":     "na_letter_8.5x11in iso_a5_148x210mm",
			"media-ready":         "na_letter_8.5x11in iso_a5_148x210mm",
			"media-col-default":   "21590x27940",
			"media-col-ready":     "21590x27940 14800x21000",
			"media-col-database":  "21590x27940 14800x21000",
			"printer-device-id":   "MFG:Print Scout;MDL:Print Scout Virtual;CMD:PDF,JPEG,PWGRaster,URF;CLS:PRINTER;",
			"overrides-supported": strings.Join(overrideMembers, " "),
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, _ := newPrinter(t, c.change)
			all := p.main.static.allAttributes()
			for name, want := range c.want {
				if got := attributeValues(all, name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

// attributeValues returns the values of an attribute; for a media-col its size.
func attributeValues(attrs goipp.Attributes, name string) string {
	a, _ := ipp.Find(attrs, name)
	var out []string
	for _, v := range a.Values {
		text := v.V.String()
		if c, ok := v.V.(goipp.Collection); ok {
			dims, _ := ipp.Find(goipp.Attributes(c), "media-size")
			d := goipp.Attributes(dims.Values[0].V.(goipp.Collection))
			x, _ := ipp.Int(d, "x-dimension")
			y, _ := ipp.Int(d, "y-dimension")
			text = fmt.Sprintf("%dx%d", x, y)
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

// TestJobsAreHeldToTheCapabilities wants what is not offered to be unsupported like any
// other value, as the fidelity of the request says.
func TestJobsAreHeldToTheCapabilities(t *testing.T) {
	r := startPrinter(t, grayAndSimplex)
	dims := func(x, y int) goipp.Attribute {
		return ipp.Collections("media-col", goipp.Collection{ipp.Collections("media-size", ipp.MediaSize(x, y))})
	}
	over := func(a goipp.Attribute) goipp.Attribute {
		return ipp.Collections("overrides", goipp.Collection{ipp.Range("pages", 1, 1), a})
	}
	for _, c := range []struct {
		attr goipp.Attribute
		ok   bool
	}{
		{ipp.Keyword("print-color-mode", "monochrome"), true},
		{ipp.Keyword("print-color-mode", "auto"), true},
		{ipp.Keyword("print-color-mode", "color"), false},
		{over(ipp.Keyword("print-color-mode", "monochrome")), true},
		{over(ipp.Keyword("print-color-mode", "color")), false},
		{ipp.Keyword("sides", "one-sided"), true},
		{ipp.Keyword("sides", "two-sided-long-edge"), false},
		{ipp.Keyword("media", "iso_a5_148x210mm"), true},
		{ipp.Keyword("media", "iso_a4_210x297mm"), false},
		{ipp.Keyword("media", "custom_mine_150x210mm"), false},
		{dims(14799, 21001), true},
		{dims(21000, 29700), false},
		{over(dims(21000, 29700)), false},
		{ipp.Enum("finishings", 3), true},
		{ipp.Enum("finishings", 20, 74), true},
		{ipp.Enum("finishings", 20, 4), false},
	} {
		m := r.newRequest(goipp.OpValidateJob)
		m.Job.Add(c.attr)
		want, strict := goipp.StatusOk, goipp.StatusOk
		if !c.ok {
			want, strict = goipp.StatusOkIgnoredOrSubstituted, goipp.StatusErrorAttributesOrValues
		}
		r.mustDo(want, m)
		m.Operation.Add(ipp.Boolean("ipp-attribute-fidelity", true))
		a := r.mustDo(strict, m)
		if _, named := ipp.Find(a.Unsupported, c.attr.Name); named == c.ok {
			t.Errorf("%s %s: named as unsupported %v", c.attr.Name, c.attr.Values, named)
		}
	}
}

func TestPapers(t *testing.T) {
	for _, names := range [][]string{
		{"iso_a4_210x297mm"},
		{"iso_sra3_320x450mm", "na_letter_8.5x11in"},
		{"iso_a4_210x297mm", "custom_min_50x50mm", "custom_max_300x1000mm"},
		{"custom_max_12x48in", "custom_min_3x3in", "na_letter_8.5x11in"},
	} {
		p, err := newPapers(names)
		if err != nil {
			t.Errorf("%v: %v", names, err)
			continue
		}
		fixed := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return strings.HasPrefix(n, "custom_") })
		if !slices.Equal(p.names, fixed) || (p.custom != nil) != (len(fixed) < len(names)) {
			t.Errorf("%v: %+v", names, p)
		}
		if p.custom != nil && !p.isMedia(goipp.String("custom_banner_200x900mm")) {
			t.Errorf("%v: no size of one's own", names)
		}
	}
	for _, names := range [][]string{
		{""}, {"a4"}, {"iso_a4"}, {"iso_a4_210x297"}, {"iso_A4_210x297mm"}, {"iso_a4_extra_210x297mm"}, {"xxx_a4_210x297mm"},
		{"iso_a4_0x297mm"}, {"iso_a4_2100x297000mm"}, {"om_tiny_5x5mm"}, {"iso_a4_210x297mm "}, {"iso_a 4_210x297mm"},
		{"iso_a4_210x297mm", "iso_a4_210x297mm"}, {"iso_a4_210x297mm", "om_mine_210x297mm"},
		{"custom_min_50x50mm", "custom_max_300x1000mm"},
		{"iso_a4_210x297mm", "custom_min_50x50mm"}, {"iso_a4_210x297mm", "custom_max_50x50mm"},
		{"iso_a4_210x297mm", "custom_min_300x300mm", "custom_max_100x1000mm"},
		{"iso_a4_210x297mm", "custom_min_50x50mm", "custom_min_60x60mm", "custom_max_300x1000mm"},
		{"iso_a4_210x297mm", "custom_mine_50x50mm"},
		{"iso_a4_210x297mm", "custom_min_x_50x50mm", "custom_max_300x1000mm"},
	} {
		if p, err := newPapers(names); err == nil {
			t.Errorf("%q was taken: %+v", names, p)
		}
	}
}

// TestOnlyRaster wants a printer that takes no PDF and nothing beside it; the
// jobs' URIs are where they always are.
func TestOnlyRaster(t *testing.T) {
	r := startPrinter(t, func(c *Config) { c.Resources = []Resource{Raster} })
	if resp := r.sendRaw(r.postRequest("POST /ipp/print HTTP/1.1", nil)); resp.StatusCode != 404 {
		t.Errorf("the other answered %s", resp.Status)
	}
	page, err := peers.PWG("a4", "sgray-8", 150, 1)
	if err != nil {
		t.Fatal(err)
	}
	m := r.newRequest(goipp.OpGetPrinterAttributes)
	r.usePath(rasterPath)
	r.mustDo(goipp.StatusErrorNotFound, m)
	a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes)).Printer
	if f := ipp.Strings(a, "document-format-supported"); !slices.Equal(f, rasterFormats) {
		t.Errorf("offers %v", f)
	}
	if id := ipp.String(a, "printer-device-id"); !strings.Contains(id, "CMD:PWGRaster,URF;") {
		t.Errorf("is %s", id)
	}
	job := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpPrintJob), page...).Job
	uri := ipp.String(job, "job-uri")
	if !strings.HasSuffix(uri, ":"+fmt.Sprint(r.port)+"/ipp/print/1") {
		t.Errorf("the job is at %s", uri)
	}
	m = r.newRequest(goipp.OpGetJobAttributes)
	m.Operation = slices.DeleteFunc(m.Operation, func(a goipp.Attribute) bool { return a.Name == "printer-uri" })
	m.Operation.Add(ipp.URI("job-uri", uri))
	if u := ipp.String(r.mustDo(goipp.StatusOk, m).Job, "job-printer-uri"); !strings.HasSuffix(u, rasterPath) {
		t.Errorf("it is of %s", u)
	}
}

// TestCUPSShowsTheCapabilities wants the choices of a queue that CUPS makes to be those
// of the settings.
func TestCUPSShowsTheCapabilities(t *testing.T) {
	server := peers.StartCUPS(t)
	for _, c := range []struct {
		name      string
		change    func(*Config)
		has, lack []string
	}{
		{"full", withAllAbilities,
			[]string{"ColorModel/", "RGB", "Duplex/", "DuplexNoTumble", " *A4", "A3", "Custom.WIDTHxHEIGHT", "StapleLocation/"},
			[]string{"FoldType/"}},
		{"plain", grayAndSimplex,
			[]string{"PageSize/", " *Letter", " A5", "ColorModel/Output Mode: *Gray\n", "StapleLocation/", "PunchMedia/", "FoldType/"},
			[]string{"RGB", "DuplexNoTumble", "A4", "A3", "Custom.WIDTHxHEIGHT"}},
		{"raster", func(c *Config) { grayAndSimplex(c); c.Resources = []Resource{Raster} },
			[]string{"PageSize/", " *Letter", " A5", "ColorModel/Output Mode: *Gray\n", "StapleLocation/", "PunchMedia/", "FoldType/"},
			[]string{"RGB", "DuplexNoTumble", "A4", "Custom.WIDTHxHEIGHT"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := startPrinter(t, c.change)
			server.AddQueue(t, c.name, fmt.Sprintf("ipp://localhost:%d%s", r.port, r.p.main.path))
			choices := server.Run(t, "lpoptions", "-p", c.name, "-l")
			for _, want := range c.has {
				if !strings.Contains(choices, want) {
					t.Errorf("there is no %q in\n%s", want, choices)
				}
			}
			for _, other := range c.lack {
				if strings.Contains(choices, other) {
					t.Errorf("there is %q in\n%s", other, choices)
				}
			}
		})
	}
}
