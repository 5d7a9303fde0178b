//go:build !linux

package session

var scenarios map[string]func(dir string) error
