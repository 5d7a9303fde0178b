package scout

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/settings"
	"github.com/printscout/printscout/spooler"
)

// nowhere takes no document.
type nowhere struct{}

func (nowhere) Condition() spooler.Condition { return spooler.Condition{Accepting: true} }

func (nowhere) Begin(context.Context, spooler.Ticket) (spooler.Parking, error) {
	return nil, io.ErrClosedPipe
}

func loadSettings(t testing.TB, text string) *settings.Settings {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := settings.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func printerOf(v *settings.Values) (*spooler.Printer, error) {
	var last atomic.Int64
	cfg := printerConfig(v)
	cfg.UUID, cfg.Intake = "urn:uuid:"+uuid.NewString(), nowhere{}
	cfg.NextJobID = func() (int, error) { return int(last.Add(1)), nil }
	return spooler.New(cfg)
}

// TestSettingsMakeAPrinter wants what the settings take to be what the printer
// takes: a setting that is wrong is warned of and never keeps the agent down.
func TestSettingsMakeAPrinter(t *testing.T) {
	list := func(names ...string) string {
		b, err := json.Marshal(names)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	a4 := "iso_a4_210x297mm"
	for value, ok := range map[string]bool{
		`"PrinterMedia": []`:                                                         true,
		`"PrinterMedia": ` + list(a4):                                                true,
		`"PrinterMedia": ` + list("iso_sra3_320x450mm", a4):                          true,
		`"PrinterMedia": ` + list("na_letter_8.5x11in", "om_my-card_54x85.6mm"):      true,
		`"PrinterMedia": ` + list(a4, "custom_min_50x50mm", "custom_max_300x1000mm"): true,
		`"PrinterMedia": ` + list(a4, "custom_min_50x50mm"):                          false,
		`"PrinterMedia": ` + list(a4, "custom_min_50x50mm", "custom_max_40x90mm"):    false,
		`"PrinterMedia": ` + list("custom_min_50x50mm", "custom_max_300x1000mm"):     false,
		`"PrinterMedia": ` + list(a4, "custom_min_5x5in", "custom_min_6x6in"):        false,
		`"PrinterMedia": ` + list(a4, a4):                                            false,
		`"PrinterMedia": ` + list(a4, "om_other_210x297mm"):                          false,
		`"PrinterMedia": ` + list("iso_a4"):                                          false,
		`"PrinterMedia": ` + list("iso_a4_210x297"):                                  false,
		`"PrinterMedia": ` + list("iso_a4_1.1.1x297mm"):                              false,
		`"PrinterMedia": ` + list("iso_a4_x297mm"):                                   false,
		`"PrinterMedia": ` + list("iso_A4_210x297mm"):                                false,
		`"PrinterMedia": ` + list("iso_a4_big_210x297mm"):                            false,
		`"PrinterMedia": ` + list("my_a4_210x297mm"):                                 false,
		`"PrinterMedia": ` + list("om_tiny_9x9mm"):                                   false,
		`"PrinterMedia": ` + list("om_wide_2001x100mm"):                              false,
		`"PrinterMedia": ` + list("custom_mine_100x100mm"):                           false,
		`"PrinterFinishings": ` + list(settings.Finishings()...):                     true,
		`"PrinterFinishings": ` + list("fold", "fold"):                               false,
		`"PrinterResources": ` + list("raster"):                                      true,
		`"PrinterResources": ` + list("raster", "print"):                             true,
		`"PrinterResources": ` + list("fax"):                                         false,
		`"PrinterColor": false, "PrinterDuplex": false`:                              true,
	} {
		s := loadSettings(t, "{"+value+"}")
		if taken := len(s.Warnings) == 0; taken != ok {
			t.Errorf("%s: the settings warn of %q", value, s.Warnings)
		}
		if _, err := printerOf(&s.Values); err != nil {
			t.Errorf("%s: no printer: %v", value, err)
		}
		var raw settings.Values
		if json.Unmarshal([]byte("{"+value+"}"), &raw) != nil || strings.Contains(value, "Color") {
			continue
		}
		raw.PrinterName = "p"
		if _, err := printerOf(&raw); (err == nil) != ok {
			t.Errorf("%s: the printer says %v", value, err)
		}
	}
}

// TestFinishingsAreThoseOfTheRegistry asks ipptool, which knows the names of
// the numbers too.
func TestFinishingsAreThoseOfTheRegistry(t *testing.T) {
	v := settings.Defaults()
	v.PrinterFinishings = settings.Finishings()
	p, err := printerOf(&v)
	if err != nil {
		t.Fatal(err)
	}
	out := peers.RunSuite(t, fmt.Sprintf("ipp://localhost:%d/ipp/print", servePrinter(t, p)), "get-printer-attributes.test", "-v").Output
	m := regexp.MustCompile(`finishings-supported \(1setOf enum\) = (.*)`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("ipptool says\n%s", out)
	}
	told := strings.Split(m[1], ",")
	if want := append([]string{"none"}, settings.Finishings()...); !slices.Equal(told, want) {
		t.Errorf("ipptool says %v, not %v", told, want)
	}
}

// servePrinter has the printer serve until the test ends.
func servePrinter(t *testing.T, p *spooler.Printer) (port int) {
	t.Helper()
	ls, err := spooler.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx, ls...) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return ls[0].Addr().(*net.TCPAddr).Port
}
