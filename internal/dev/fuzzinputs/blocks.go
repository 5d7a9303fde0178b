package main

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"strings"
)

// blocks is a set of blocks of code, by their position: FILE:LINE.COLUMN,LINE.COLUMN.
type blocks map[string]bool

// readProfile returns the blocks that were reached according to a cover profile.
func readProfile(path string) (blocks, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	reached := blocks{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		// FILE:LINE.COLUMN,LINE.COLUMN STATEMENTS REACHED
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) == 2 && fields[0] == "mode:":
		case len(fields) != 3:
			return nil, fmt.Errorf("reading a cover profile: %q", lines.Text())
		case fields[2] != "0":
			reached[fields[0]] = true
		}
	}
	return reached, lines.Err()
}

func (b blocks) addAll(more blocks) { maps.Copy(b, more) }

// without returns the blocks that are not in others.
func (b blocks) without(others blocks) blocks {
	rest := blocks{}
	for name := range b {
		if !others[name] {
			rest[name] = true
		}
	}
	return rest
}
