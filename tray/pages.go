package tray

// Pages opens pages of the person's browser.
type Pages interface {
	// Open opens one of the pages named below, or JobPage.
	Open(page string) error
}

// The pages that are opened from here.
const (
	PageJobs        = "jobs"
	PageSetup       = "setup"
	PageDiagnostics = "diagnostics"
	PageAbout       = "about"
)

// JobPage returns the page of one job.
func JobPage(id string) string { return PageJobs + "/" + id }

// Preferences are which printers a person uses, by id.
type Preferences interface {
	Recent() []string // the last one first
	Favorites() []string
	Used(printer string) error // remembers that a release goes there
}

// Preferred is what Preferences say at one moment.
type Preferred struct{ Recent, Favorites []string }
