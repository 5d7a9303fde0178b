package main

import "os"

// notifyHangup does nothing: Windows has no SIGHUP. The site's folder is
// checked every few seconds.
func notifyHangup(chan<- os.Signal) {}
