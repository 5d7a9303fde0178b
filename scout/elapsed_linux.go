package scout

import (
	"time"

	"golang.org/x/sys/unix"
)

// systemElapsed returns the time since the computer was started, including the
// time it was suspended (clock_gettime(2), CLOCK_BOOTTIME).
func systemElapsed() func() time.Duration {
	otherwise := elapsedBy(time.Now)
	return func() time.Duration {
		var t unix.Timespec
		if unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) != nil {
			return otherwise()
		}
		return time.Duration(t.Nano())
	}
}
