package settings

import (
	"encoding/json"
	"testing"
)

func TestAssign(t *testing.T) {
	s := &Settings{Values: Defaults()}
	if err := s.Assign("port", json.RawMessage("9000")); err != nil || s.Port != 9000 {
		t.Errorf("port: %v, %d", err, s.Port)
	}
	for name, raw := range map[string]string{"Port": `"many"`, "Nonsense": "1"} {
		if err := s.Assign(name, json.RawMessage(raw)); err == nil || s.Port != 9000 {
			t.Errorf("%s=%s: %v, %d", name, raw, err, s.Port)
		}
	}
}
