package tray

import "errors"

// ErrRunning means that the session has a tray already.
var ErrRunning = errors.New("the tray of this session is running already")
