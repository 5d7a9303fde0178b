//go:build !unix

package delivery_test

// mortal: a program is killed at a moment of its choice only where there are
// signals.
func mortal() bool { return false }
