// Package local is the local page: what a person sees in the browser on their
// own computer (docs/desktop.md, "The local page"). It serves the wizard and
// "my jobs" on loopback while they are needed, to nobody but the account that
// it runs as.
//
// It asks the agent over an interface of its own and keeps no job. It is the
// person's own process, never elevated, and holds no key.
package local
