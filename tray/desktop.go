package tray

import "errors"

// ErrNoDesktop means that there is no session in which an icon could be shown.
var ErrNoDesktop = errors.New("there is no desktop session here")

// Each system has, in desktop_GOOS.go:
//
//	openDesktop(log, click) (*desktop, error)
//
// which finds the session before systray looks for it, and a desktop with
//
//	notify(Notice)   shows a notification, soon; click is told of its buttons
//	withdraw(Key)    takes one back
//	icon(Icon)       an icon as a file that systray reads here
//	started(ctx)     returns once systray takes changes
//	label(string)    a text as it stands in a menu here
//	ended()          is closed when the session ends
//	close()
