package systemd

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// takeVariable returns a variable of the environment and removes it.
func takeVariable(name string) string {
	value := os.Getenv(name)
	os.Unsetenv(name)
	return value
}

// isForProcess reports whether a variable with a process id means this process.
func isForProcess(value string, pid int) bool {
	n, err := strconv.Atoi(value)
	return err == nil && n == pid
}

const (
	firstSocket = 3 // SD_LISTEN_FDS_START
	maxSockets  = 16
)

// errSockets means that the variables contradict each other.
var errSockets = errors.New("the variables LISTEN_FDS and LISTEN_FDNAMES are not as systemd sets them")

// socketNames returns the names of the sockets that were passed to the process
// pid, none if the variables mean another process. A socket without a name is
// called "unknown", as in sd_listen_fds_with_names(3).
func socketNames(listenPID, listenFDs, listenNames string, pid int) ([]string, error) {
	if !isForProcess(listenPID, pid) {
		return nil, nil
	}
	n, err := strconv.Atoi(listenFDs)
	if err != nil || n < 0 {
		return nil, fmt.Errorf("%w: LISTEN_FDS is %.20q", errSockets, listenFDs)
	}
	if n > maxSockets {
		return nil, fmt.Errorf("%w: %d sockets are more than %d", errSockets, n, maxSockets)
	}
	names := make([]string, n)
	for i := range names {
		names[i] = "unknown"
	}
	if listenNames == "" {
		return names, nil
	}
	given := strings.Split(listenNames, ":")
	if len(given) != n {
		return nil, fmt.Errorf("%w: %d names for %d sockets", errSockets, len(given), n)
	}
	return given, nil
}
