package scout

import (
	"fmt"
	"net"
	"slices"

	"github.com/printscout/printscout/internal/settings"
	"github.com/printscout/printscout/spooler"
)

// newPrinter makes the printer on loopback as the settings describe it.
func (s *Scout) newPrinter(at net.Addr) (*spooler.Printer, error) {
	port := at.(*net.TCPAddr).Port
	cfg := printerConfig(&s.cfg.Settings)
	s.mu.Lock()
	s.uris = nil
	for _, r := range cfg.Resources {
		s.uris = append(s.uris, fmt.Sprintf("ipp://localhost:%d%s", port, r.Path()))
	}
	s.mu.Unlock()
	cfg.UUID, cfg.Intake, cfg.NextJobID = s.printerID.kept.UUID, intake{s}, s.printerID.nextJobID
	cfg.Past, cfg.Identify, cfg.Account, cfg.Passwords, cfg.Log, cfg.Now = s.pastJobs(), s.identifyClient, s.accountOf, true, s.log, s.now
	return spooler.New(cfg)
}

// printerConfig returns what the settings say about the printer on loopback.
func printerConfig(v *settings.Values) spooler.Config {
	cfg := spooler.Config{
		Name: v.PrinterName, Info: v.PrinterName, Location: v.PrinterLocation, Make: "Print Scout",
		Monochrome: !v.PrinterColor, Simplex: !v.PrinterDuplex,
		Media: v.PrinterMedia, Finishings: v.FinishingNumbers(),
	}
	for _, name := range v.PrinterResources {
		cfg.Resources = append(cfg.Resources, spooler.Resource(name))
	}
	slices.Sort(cfg.Resources) // Documents first
	return cfg
}

// printerURIs returns where apps print, empty before Run.
func (s *Scout) printerURIs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.uris)
}
