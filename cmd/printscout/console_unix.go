//go:build unix

package main

// hideConsole has nothing to do: only Windows opens a window for a program.
func hideConsole() {}
