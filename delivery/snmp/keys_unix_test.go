//go:build unix

package snmp

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestKeysThatOthersMayReadAreRefused(t *testing.T) {
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o644} {
		if _, err := LoadKeys(keysFile(t, goodKeys, mode)); !errors.Is(err, ErrKeys) || !strings.Contains(err.Error(), "0600") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if _, err := LoadKeys(keysFile(t, goodKeys, 0o400)); err != nil {
		t.Error(err)
	}
}
