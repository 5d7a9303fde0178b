package scout

import (
	"encoding/json"
	"log/slog"
	"sync"

	"github.com/printscout/printscout/internal/durable"
)

// printersFile, in the state folder, holds a printerMemory.
const printersFile = "printers.json"

// maxPrinters are remembered; beyond that all are forgotten and learned again.
const maxPrinters = 2000

// printerMemory keeps what deliveries have learned about printers in a file of
// the state folder. What is lost is learned again.
type printerMemory struct {
	file string
	log  *slog.Logger

	mu    sync.Mutex
	known map[string]json.RawMessage // by the printer's id
}

func openPrinterMemory(file string, log *slog.Logger) *printerMemory {
	m := &printerMemory{file: file, log: log, known: map[string]json.RawMessage{}}
	found, err := readJSON(file, &m.known, func() bool { return true })
	if err != nil {
		log.Warn("what was known of printers is forgotten", "error", err)
	}
	if !found {
		m.known = nil
	}
	if m.known == nil || len(m.known) > maxPrinters {
		m.known = map[string]json.RawMessage{}
	}
	return m
}

// Load implements delivery.Memory.
func (m *printerMemory) Load(printer string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known[printer]
}

// Save implements delivery.Memory.
func (m *printerMemory) Save(printer string, known []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if string(m.known[printer]) == string(known) {
		return
	}
	m.known[printer] = known
	raw, err := json.Marshal(m.known)
	if err == nil {
		err = durable.WriteFile(m.file, raw)
	}
	if err != nil {
		m.log.Warn("what was learned of a printer could not be kept", "printer", printer, "error", err)
	}
}
