package tray

import (
	"errors"

	"github.com/printscout/printscout/internal/control"
)

// lost returns why the agent cannot be reached, since when, and what to do.
func (s scene) lost() (title, todo string) {
	if errors.Is(s.Lost, control.ErrStranger) {
		return s.say("tray.state.stranger"), s.say("tray.todo.stranger")
	}
	return s.say("tray.state.offline", "Time", moment(s.texts, s.Since, s.now)), s.say("tray.todo.offline")
}
