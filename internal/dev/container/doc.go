// Package container gives tests a computer of their own: a copy of this one's
// root file system, booted in a container with systemd as process 1. Nothing that
// happens in it reaches this computer's disk, processes or network. It is for
// tests, needs root and systemd-nspawn, and knows nothing of Print Scout.
package container
