package settings

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// readRegistry reads the values of a key, in the 64-bit view whatever this
// program is. A key that is not there has none.
func readRegistry(path string) ([]registryEntry, error) {
	root := registry.LOCAL_MACHINE
	path, below := strings.CutPrefix(path, `HKCU\`)
	if below {
		root = registry.CURRENT_USER
	}
	k, err := registry.OpenKey(root, strings.TrimPrefix(path, `HKLM\`), registry.QUERY_VALUE|registry.WOW64_64KEY)
	if errors.Is(err, registry.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening the key: %w", err)
	}
	defer k.Close()
	names, err := k.ReadValueNames(-1)
	if err != nil {
		return nil, fmt.Errorf("reading the names of the key's values: %w", err)
	}
	entries := make([]registryEntry, 0, len(names))
	for _, name := range names {
		entries = append(entries, readRegistryEntry(k, name))
	}
	return entries, nil
}

func readRegistryEntry(k registry.Key, name string) registryEntry {
	e := registryEntry{name: name}
	size, valType, err := k.GetValue(name, nil)
	if err != nil || size > maxFile {
		e.err = errors.Join(err, errTooLarge(size))
		return e
	}
	e.kind = registryType(valType)
	switch e.kind {
	case regSZ, regExpandSZ:
		e.text, _, e.err = k.GetStringValue(name)
	case regDWORD, regQWORD:
		e.number, _, e.err = k.GetIntegerValue(name)
	case regMultiSZ:
		e.list, _, e.err = k.GetStringsValue(name)
	}
	return e
}

func errTooLarge(size int) error {
	if size <= maxFile {
		return nil
	}
	return fmt.Errorf("it has more than %d bytes", maxFile)
}
