package checkups

// What a person types, and where the print system is.
const (
	startService = "sudo systemctl start printscout"
	cupsConf     = "/etc/cups/cupsd.conf"
)

// cupsSockets are where CUPS listens on this system.
var cupsSockets = []string{"/run/cups/cups.sock", "/var/run/cups/cups.sock"}
