//go:build !unix

package delivery_test

// canBeKilled reports whether a process can be killed at a chosen moment,
// which needs signals.
func canBeKilled() bool { return false }
