//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// reloadSignal returns a channel on which something comes with each SIGHUP,
// until stop.
func reloadSignal() (reload <-chan struct{}, stop func()) {
	signals, again, over := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	signal.Notify(signals, syscall.SIGHUP)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-over:
				return
			case <-signals:
			}
			select {
			case <-over:
				return
			case again <- struct{}{}:
			}
		}
	}()
	return again, func() {
		signal.Stop(signals)
		close(over)
		<-ended
	}
}
