package spooler

import (
	"bytes"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

func TestIdentify(t *testing.T) {
	r := startPrinter(t, withIdentifier)
	post := r.p.cfg.Intake.(*identifierIntake)
	ask := func(want goipp.Status, attrs ...goipp.Attribute) string {
		r.mustDo(want, r.newRequest(goipp.OpIdentifyPrinter, attrs...))
		return <-post.identified
	}
	if got := ask(goipp.StatusOk); got != "display by alice (claimed): " {
		t.Errorf("by default %q", got)
	}
	if got := ask(goipp.StatusOk, ipp.Keyword("identify-actions", "flash", "display"), ipp.Text("message", "a\x1b[2Jb"+strings.Repeat("c", 200))); !strings.HasPrefix(got, "flash+display by alice (claimed): a[2Jbccc") || len(got) != len("flash+display by alice (claimed): ")+127 {
		t.Errorf("%q", got)
	}
	if got := ask(goipp.StatusOkIgnoredOrSubstituted, ipp.Keyword("identify-actions", "speak")); got != "display by alice (claimed): " {
		t.Errorf("to speak: %q", got)
	}
}

func TestWhatTheIntakeCannotDoIsNotOffered(t *testing.T) {
	r := startPrinter(t)
	a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes)).Printer
	if ipp.HasInt(a, "operations-supported", int(goipp.OpIdentifyPrinter)) {
		t.Error("offers to identify itself")
	}
	if slices.Contains(ipp.Strings(a, "ipp-features-supported"), "ipp-everywhere") {
		t.Error("claims ipp-everywhere")
	}
	r.mustDo(goipp.StatusErrorOperationNotSupported, r.newRequest(goipp.OpIdentifyPrinter))
}

func TestIcons(t *testing.T) {
	r := startPrinter(t)
	uris := ipp.Strings(r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes)).Printer, "printer-icons")
	if len(uris) != 3 {
		t.Fatalf("icons at %v", uris)
	}
	for i, uri := range uris {
		resp, err := r.client.HTTP.Get(uri)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(resp.Body)
		resp.Body.Close()
		if err != nil || img.Bounds().Dx() != iconSizes[i] || img.Bounds().Dy() != iconSizes[i] {
			t.Errorf("%s: %v", uri, err)
		}
	}
	for want, change := range map[int]func(*http.Request){
		403: func(q *http.Request) { q.Header.Set("Sec-Fetch-Site", "cross-site") },
		400: func(q *http.Request) { q.Host = "evil.example" },
		405: func(q *http.Request) { q.Method = http.MethodPost },
	} {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, uris[0], bytes.NewReader(nil))
		if err != nil {
			t.Fatal(err)
		}
		change(q)
		resp, err := r.client.HTTP.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("answered %s, want %d", resp.Status, want)
		}
	}
}
