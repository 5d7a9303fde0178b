package tray

import "github.com/printscout/printscout/internal/web"

// inEnglish is what the tests of this package read.
var inEnglish = web.For("en")
