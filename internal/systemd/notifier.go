package systemd

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

// Notifier tells systemd about this process.
type Notifier struct {
	send     func(state string) error // nil: systemd did not ask to be told
	watchdog time.Duration            // 0: systemd does not watch
}

// NewNotifier returns a Notifier as the environment says, from which it removes
// the variables.
func NewNotifier() *Notifier {
	socket, pid, period := takeVariable("NOTIFY_SOCKET"), takeVariable("WATCHDOG_PID"), takeVariable("WATCHDOG_USEC")
	n := &Notifier{}
	if socket == "" {
		return n
	}
	n.send = func(state string) error { return sendTo(socket, state) }
	if us, err := strconv.ParseInt(period, 10, 64); err == nil && us > 0 && us <= int64(maxWatchdog/time.Microsecond) && (pid == "" || isForProcess(pid, os.Getpid())) {
		n.watchdog = time.Duration(us) * time.Microsecond
	}
	return n
}

// maxWatchdog bounds the period, so that it is a time.Duration.
const maxWatchdog = 1000 * time.Hour

// sendTo sends one datagram. A name with a leading @ is in Linux's abstract
// namespace, which package net knows as well.
func sendTo(socket, state string) error {
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("telling systemd: %w", err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(state)); err != nil {
		return fmt.Errorf("telling systemd: %w", err)
	}
	return nil
}

// IsAsked reports whether systemd waits to be told.
func (n *Notifier) IsAsked() bool { return n.send != nil }

// Ready tells systemd that the service is up.
func (n *Notifier) Ready() error { return n.tell("READY=1") }

// Stopping tells systemd that the service has begun to stop.
func (n *Notifier) Stopping() error { return n.tell("STOPPING=1") }

func (n *Notifier) tell(state string) error {
	if n.send == nil {
		return nil
	}
	return n.send(state)
}

// Watch tells systemd twice in each period of its watchdog, until ctx ends, that
// the service works: alive must return. If it does not, systemd restarts the
// service. The error of a datagram that could not be sent goes to failed.
func (n *Notifier) Watch(ctx context.Context, alive func(), failed func(error)) {
	if n.watchdog == 0 {
		return
	}
	tick := time.NewTicker(n.watchdog / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		alive()
		if err := n.tell("WATCHDOG=1"); err != nil {
			failed(err)
		}
	}
}
