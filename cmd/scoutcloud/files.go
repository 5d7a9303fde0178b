package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/printscout/printscout/internal/durable"
)

// writeJSON replaces a file as a whole; a reader sees the old or the new one.
func writeJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(name), err)
	}
	return durable.WriteFile(name, append(b, '\n'))
}
