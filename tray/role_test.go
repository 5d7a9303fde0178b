//go:build linux || windows

package tray

// deskEnv makes the test binary on Windows a tray of an agent with one job,
// which writes what it is asked to the file that the variable names.
const deskEnv = "PRINTSCOUT_TEST_DESK"

// pressSuffix ends the name of a file that asks it for a click on its
// notification.
const pressSuffix = ".press"
