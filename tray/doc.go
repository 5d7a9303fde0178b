// Package tray is what Print Scout shows in a person's session: an icon with a
// menu, and notifications.
//
// It folds what the agent says of itself (control.Event) into a State. Icon,
// menu and notifications are pure functions of the state, the clock and the
// texts; a Screen shows them. Screens are of this system's: systray for icon
// and menu, D-Bus, the shell or AppleScript for notifications. The package
// keeps no job and no key: the agent is asked, and knows whose the jobs are.
package tray
