package local

import (
	"fmt"
	"os/exec"
)

// OpenBrowser has the person's own browser show a file or an address. The
// system's program for that is given to the caller's browser and is not waited
// for beyond its own end; browserCommand of each system names it.
func OpenBrowser(target string) error {
	name, args := browserCommand(target)
	c := exec.Command(name, args...)
	detach(c)
	if err := c.Start(); err != nil {
		return fmt.Errorf("starting the browser: %w", err)
	}
	go c.Wait() // so that no zombie is left; it ends with the program it starts
	return nil
}
