package spooler

import (
	"slices"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/pwg"
)

// TestWhatClientsAskFor checks for the attributes that the class driver of
// Windows, CUPS and AirPrint ask for.
func TestWhatClientsAskFor(t *testing.T) {
	r := startPrinter(t, withAllAbilities)
	a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes, ipp.Keyword("requested-attributes", "all", "media-col-database"))).Printer
	for who, names := range map[string]string{
		"Windows": "uri-authentication-supported document-format-default document-format-preferred document-format-supported ipp-versions-supported ipp-features-supported " +
			"media-supported media-type-supported mopria-certified mopria_certified printer-dns-sd-name printer-firmware-name printer-firmware-string-version " +
			"printer-device-id printer-uuid printer-input-tray printer-output-tray job-password-supported job-password-encryption-supported media-size-supported number-up-supported output-bin-supported",
		"CUPS": "printer-uri-supported urf-supported pwg-raster-document-resolution-supported pwg-raster-document-type-supported media-col-database " +
			"media-col-default media-default finishings-supported finishings-default job-account-id-supported job-accounting-user-id-supported printer-state-reasons printer-supply printer-supply-description compression-supported sides-supported",
		"AirPrint": "urf-supported media-ready media-col-ready media-col-default finishings-ready color-supported sides-supported copies-supported printer-icons printer-kind printer-more-info printer-location",
	} {
		for _, name := range strings.Fields(names) {
			if v, ok := ipp.Find(a, name); !ok || len(v.Values) == 0 {
				t.Errorf("%s misses %s", who, name)
			}
		}
	}
	for _, v := range a {
		for _, value := range v.Values {
			if value.T == goipp.TagKeyword && strings.Trim(value.V.String(), "abcdefghijklmnopqrstuvwxyz0123456789._-") != "" && v.Name != "urf-supported" {
				t.Errorf("%s has the keyword %q, for which CUPS refuses the whole printer", v.Name, value.V)
			}
		}
	}
	if n := len(ipp.Strings(a, "media-ready")); n < 38 {
		t.Errorf("only %d sizes, and Windows puts A4 in the place of others", n)
	}
	for _, ability := range []string{"V1.4", "CP1", "DM1", "RS300-600", "W8", "SRGB24", "FN3-4-20"} {
		if u := ipp.Strings(a, "urf-supported"); !slices.Contains(u, ability) {
			t.Errorf("AirPrint misses %s among %v", ability, u)
		}
	}
	if !ipp.HasInt(a, "finishings-supported", 20) {
		t.Error("the finishings of the settings are not offered")
	}
}

// TestMediaAreDistinct checks that names are well-formed, and that no two have
// the same size: print dialogs show sizes.
func TestMediaAreDistinct(t *testing.T) {
	seen := map[pwg.Size]string{}
	p, err := newPapers(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range p.sizes {
		if other := seen[s]; other != "" || !s.IsWithin(p.custom.least, p.custom.greatest) {
			t.Errorf("%s is %v, as %q is", p.names[i], s, other)
		}
		seen[s] = p.names[i]
	}
	if !slices.Equal(p.names, knownMedia) {
		t.Errorf("offered are %v", p.names)
	}
}
