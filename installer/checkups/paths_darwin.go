package checkups

// What a person types, and where the print system is.
const (
	startService = "sudo launchctl kickstart -k system/com.printscout.agent"
	cupsConf     = "/private/etc/cups/cupsd.conf"
)

// cupsSockets are where CUPS listens on this system.
var cupsSockets = []string{"/private/var/run/cupsd"}
