package tray

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// roles are what a run of the test binary is, by the variable that is set for
// it: a library that is of the whole process needs one of its own.
var roles = map[string]func() int{}

// deskEnv makes the test binary on Windows a tray of an agent with one job,
// which writes what it is asked to the file that the variable names.
const deskEnv = "PRINTSCOUT_TEST_DESK"

// pressSuffix ends the name of a file that asks it for a click on its
// notification.
const pressSuffix = ".press"

func TestMain(m *testing.M) {
	for variable, role := range roles {
		if os.Getenv(variable) != "" {
			os.Exit(role())
		}
	}
	goleak.VerifyTestMain(m)
}
