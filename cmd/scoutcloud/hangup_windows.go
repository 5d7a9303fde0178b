package main

import "os"

// notifyHangup has nothing to pass on: Windows has no SIGHUP. The site's
// folder is looked at every few seconds.
func notifyHangup(chan<- os.Signal) {}
