package scout

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/settings"
)

func TestSNMPKeysOfTheSettings(t *testing.T) {
	name := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(name, []byte(`{"scout": {"auth": "authauthauth", "priv": "privprivpriv"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file     string
		has      bool
		warnings int
	}{{"", false, 0}, {name, true, 0}, {name + ".none", false, 1}} {
		s := &Scout{cfg: Config{Settings: settings.Values{SNMPKeysFile: c.file}}, log: slog.New(slog.DiscardHandler)}
		s.openSNMPKeys()
		if _, has := s.cfg.Delivery.SNMPKeys["scout"]; has != c.has || len(s.cfg.Warnings) != c.warnings {
			t.Errorf("%q: %v", c.file, s.cfg.Warnings)
		}
		if w := strings.Join(s.cfg.Warnings, ""); c.warnings > 0 && !strings.HasPrefix(w, "SNMPKeysFile is not used") {
			t.Errorf("%q: %s", c.file, w)
		}
	}
}
