package main

// reloadSignal returns nothing: Windows has no SIGHUP, and the agent reads its
// settings every minute.
func reloadSignal() (reload <-chan struct{}, stop func()) { return nil, func() {} }
