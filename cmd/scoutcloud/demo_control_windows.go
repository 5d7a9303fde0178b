package main

import (
	"fmt"
	"math/rand/v2"
)

// controlPath is the name of a pipe: pipes lie in no folder.
func (d *demo) controlPath() (string, error) {
	return fmt.Sprintf(`\\.\pipe\scoutcloud-demo-%x`, rand.Uint64()), nil
}
