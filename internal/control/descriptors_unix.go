//go:build unix

package control

import "syscall"

// descriptors raises the number of descriptors this process may have to the
// most that it may set (RLIMIT_NOFILE), and returns it; 0 where it is not known.
func descriptors() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	if limit.Cur < limit.Max {
		raised := limit
		raised.Cur = limit.Max
		if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &raised) == nil {
			limit = raised
		}
	}
	return limit.Cur
}
