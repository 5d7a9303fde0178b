package scout

import (
	"fmt"
	"slices"

	"github.com/printscout/printscout/delivery/snmp"
)

// openSNMPKeys reads the passphrases of SNMPv3 users. Without them printers
// still print but are not asked by SNMP, which is worth a warning.
func (s *Scout) openSNMPKeys() {
	name := s.cfg.Settings.SNMPKeysFile
	if name == "" {
		return
	}
	keys, err := snmp.LoadKeys(name)
	if err != nil {
		s.cfg.Warnings = append(slices.Clip(s.cfg.Warnings), fmt.Sprintf("SNMPKeysFile is not used: %v", err))
		s.log.Warn("the passphrases for SNMP are not used", "error", err)
		return
	}
	s.cfg.Delivery.SNMPKeys = keys
}
