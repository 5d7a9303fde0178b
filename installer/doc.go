// Package installer has what makes Print Scout part of a computer: the files by
// which each system's service manager runs the agent, the release server and the
// tray, and the registration of the Windows service. docs/service.md describes
// them. It knows no job, printer or site.
package installer
