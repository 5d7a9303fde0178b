package scout

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/printscout/printscout/internal/durable"
)

// removeHalfWritten removes what a crash has left.
func removeHalfWritten(dir string) {
	names, _ := filepath.Glob(filepath.Join(dir, durable.HalfWritten))
	for _, name := range names {
		os.Remove(name)
	}
}

func writeJSON(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(name), err)
	}
	return durable.WriteFile(name, b)
}
