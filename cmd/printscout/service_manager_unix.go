//go:build unix

package main

import "context"

// endedByItself has nothing to do: Run waits for the end.
func endedByItself(context.Context, error) {}
