//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// notifyHangup passes on SIGHUP, which means: check the site's folder now.
func notifyHangup(c chan<- os.Signal) { signal.Notify(c, syscall.SIGHUP) }
