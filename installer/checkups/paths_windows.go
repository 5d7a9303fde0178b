package checkups

// What a person types. There is no CUPS.
const (
	startService = "Start-Service PrintScout"
	cupsConf     = ""
)

var cupsSockets []string
