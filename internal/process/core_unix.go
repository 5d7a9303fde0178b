//go:build unix

package process

import "golang.org/x/sys/unix"

func noCore() { unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
