package settings

import (
	"encoding/json"
	"fmt"
)

// Assign sets one setting to a JSON value, as the installer may. The name's case does
// not matter. An error says what the setting takes, and nothing is changed.
func (s *Settings) Assign(name string, raw json.RawMessage) error {
	row, ok := Find(name)
	if !ok {
		return fmt.Errorf("%.64q is not a setting", name)
	}
	return row.setFrom(&s.Values, jsonValue(raw), FromInstaller)
}
