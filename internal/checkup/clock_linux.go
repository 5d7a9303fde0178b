package checkup

import "golang.org/x/sys/unix"

// ClockIsSynchronized reports whether the kernel says that a program keeps the
// computer's clock right (adjtimex(2), STA_UNSYNC). known is false if the kernel
// does not say.
func ClockIsSynchronized() (yes, known bool) {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	if err != nil {
		return false, false
	}
	return state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0, true
}
