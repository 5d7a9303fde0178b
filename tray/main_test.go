package tray

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// roles are what a run of the test binary is, by the variable that is set for
// it: a library that is of the whole process needs one of its own.
var roles = map[string]func() int{}

func TestMain(m *testing.M) {
	for variable, role := range roles {
		if os.Getenv(variable) != "" {
			os.Exit(role())
		}
	}
	goleak.VerifyTestMain(m)
}
