// Package installer has what makes Print Scout part of a computer, and takes it off
// again: the steps of install and uninstall, the record of what they did
// (docs/installer.md), the files by which each system's service manager runs the
// agent, the release server and the tray, and the registration of the Windows
// service (docs/service.md).
//
// It knows the agent by its control socket and the system by its programs; it knows
// no job's file, no key and no server.
package installer
