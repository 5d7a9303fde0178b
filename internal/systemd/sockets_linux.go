package systemd

import (
	"os"
	"syscall"
)

// Sockets returns the sockets that systemd passed to this process. The name of
// each file is the FileDescriptorName= of its socket unit. Children do not inherit
// them. Only the first call finds any.
func Sockets() ([]*os.File, error) {
	pid, fds, names := takeVariable("LISTEN_PID"), takeVariable("LISTEN_FDS"), takeVariable("LISTEN_FDNAMES")
	takeVariable("LISTEN_PIDFDID")
	of, err := socketNames(pid, fds, names, os.Getpid())
	var files []*os.File
	for i, name := range of {
		syscall.CloseOnExec(firstSocket + i)
		files = append(files, os.NewFile(uintptr(firstSocket+i), name))
	}
	return files, err
}
