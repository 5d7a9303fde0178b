package scout

import (
	"context"
	"fmt"
	"net"

	"github.com/printscout/printscout/spooler"
)

// printerListeners returns the listeners of the printer: those of the service
// manager, else new ones.
func (s *Scout) printerListeners(ctx context.Context) ([]net.Listener, error) {
	if len(s.cfg.Listeners) > 0 {
		if warning := s.portWarning(); warning != "" {
			s.log.Warn("the printer's port is not the one that is set; printscout status says what to do", "port", s.inheritedPort(), "set", s.cfg.Settings.Port)
		}
		return s.cfg.Listeners, nil
	}
	ls, err := spooler.Listen(s.cfg.Settings.Port)
	if err != nil {
		return nil, s.portTaken(ctx, err)
	}
	return ls, nil
}

// inheritedPort returns the port that the service manager has bound for the
// printer, 0 if it has bound none.
func (s *Scout) inheritedPort() int {
	if len(s.cfg.Listeners) == 0 {
		return 0
	}
	return s.cfg.Listeners[0].Addr().(*net.TCPAddr).Port
}

// portWarning returns what status says if the service manager has bound another
// port than the settings name.
func (s *Scout) portWarning() string {
	bound, set := s.inheritedPort(), s.cfg.Settings.Port
	if bound == 0 || set == 0 || bound == set {
		return ""
	}
	return fmt.Sprintf("The setting Port is %d, but the system holds port %d for the printer, and that one is used. Run printscout install as an administrator, which changes the system's port as well, or set Port to %d.", set, bound, bound)
}

// checkAlive returns once the agent's state could be read.
func (s *Scout) checkAlive() {
	s.mu.Lock()
	_ = s.stopping
	s.mu.Unlock()
	s.table.forEachJob(func(*job) {})
}
