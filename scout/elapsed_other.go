//go:build !linux

package scout

import "time"

// systemElapsed returns the time since now. Where the system does not count
// the time that the computer was suspended, waking up looks like a jump of the
// clock, and jobs expire clockSettle later.
func systemElapsed() func() time.Duration { return elapsedBy(time.Now) }
