package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// maxFile is the maximum size of a configuration file.
const maxFile = 1 << 20

// Origin is where a value came from.
type Origin string

// The origins, weakest first.
const (
	FromDefault Origin = "default"
	FromFile    Origin = "file"
)

// Settings are the values in force with their origins.
type Settings struct {
	Values
	Origins map[string]Origin // by a setting's name
	// Warnings name what a file holds that could not be used; the default
	// stands in for it.
	Warnings []string
}

// Load reads the configuration file. With an empty name it reads the computer's
// own file, if there is one. A value that cannot be used is ignored with a
// warning; a file that is not a JSON object is an error.
func Load(file string) (*Settings, error) {
	s := &Settings{Values: Defaults(), Origins: map[string]Origin{}}
	for _, row := range Table() {
		s.Origins[row.Name] = FromDefault
	}
	named := file != ""
	if !named {
		file = DefaultFile()
	}
	raw, err := readFile(file)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	if err := s.applyFile(raw); err != nil {
		return nil, fmt.Errorf("reading the configuration %s: %w", file, err)
	}
	return s, nil
}

func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", file, maxFile)
	}
	return raw, nil
}

func (s *Settings) applyFile(raw []byte) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil {
		return fmt.Errorf("it is not a JSON object: %w", err)
	}
	names := make([]string, 0, len(keys))
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s.setValue(name, keys[name])
	}
	return nil
}

func (s *Settings) setValue(name string, raw json.RawMessage) {
	table := Table()
	at := slices.IndexFunc(table, func(row Setting) bool { return strings.EqualFold(row.Name, name) })
	if at < 0 {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%q is not a setting", name))
		return
	}
	row := table[at]
	if err := row.set(&s.Values, raw); err != nil {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s is not used: %v", row.Name, err))
		return
	}
	s.Origins[row.Name] = FromFile
}

// Value returns the value in force of the named setting.
func (s *Settings) Value(name string) (any, bool) {
	for _, row := range Table() {
		if strings.EqualFold(row.Name, name) {
			return row.get(&s.Values), true
		}
	}
	return nil, false
}
