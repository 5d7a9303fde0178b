// Package systemd is the part of a service in systemd's protocols: the sockets
// that systemd has bound for it (sd_listen_fds(3)), and what it tells systemd
// (sd_notify(3), sd_watchdog_enabled(3)). Where systemd did not start the process,
// there are no sockets, and telling does nothing. The variables are removed from
// the environment once read, so that no child believes they are meant for it.
package systemd
