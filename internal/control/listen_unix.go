//go:build unix

package control

import "syscall"

// openToAll lets a socket that is made until private is called have mode 0666
// from the beginning: where others can write to its folder, they could put a
// link in its place before it were given that.
func openToAll() (private func()) {
	before := syscall.Umask(0o111)
	return func() { syscall.Umask(before) }
}
