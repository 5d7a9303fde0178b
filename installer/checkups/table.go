package checkups

import (
	"context"
	"runtime"
	"slices"

	"github.com/printscout/printscout/internal/checkup"
)

// Row is a checkup of the table in docs/doctor.md.
type Row struct {
	ID      string
	Title   string
	Systems []string // of runtime.GOOS; nil: all

	look func(*computer, context.Context) checkup.Finding
}

var (
	withCUPS = []string{"linux", "darwin"}
	withUnix = []string{"linux", "darwin"}
	onLinux  = []string{"linux"}
	onWin    = []string{"windows"}
)

// Table returns every checkup, in the order in which they are shown.
func Table() []Row {
	return []Row{
		{"agent", "The agent answers", nil, (*computer).lookAtAgent},
		{"joined", "This computer has joined a site", nil, (*computer).lookAtSite},
		{"connected", "The agent is connected to its server", nil, (*computer).lookAtConnection},
		{"port", "The agent answers where apps print", nil, (*computer).lookAtPort},
		{"jobs", "Jobs are taken and kept", nil, (*computer).lookAtJobs},
		{"settings", "The settings are in force", nil, (*computer).lookAtSettings},
		{"print-system", "The print system answers", nil, (*computer).lookAtPrintSystem},
		{"queue", "The print queue leads to the agent", nil, (*computer).lookAtQueue},
		{"queue-enabled", "The print queue takes and passes on jobs", withCUPS, (*computer).lookAtQueueState},
		{"queue-interrupted", "The queue was not stopped by an interruption", withCUPS, (*computer).lookAtInterruption},
		{"queue-policy", "The print queue has its policies", withCUPS, (*computer).lookAtQueuePolicy},
		{"queue-names", "Names from the print queue can be believed", withCUPS, (*computer).lookAtNames},
		{"queues-beside", "No other queue leads to the agent unprotected", withCUPS, (*computer).lookAtOtherQueues},
		{"queue-browsed", "No automatic queue stands in front of ours", withCUPS, (*computer).lookAtBrowsedQueues},
		{"cups-version", "CUPS has no known holes", withCUPS, (*computer).lookAtCUPSVersion},
		{"cups-shared", "CUPS serves this computer only", withCUPS, (*computer).lookAtSharing},
		{"protected-print", "Windows protected print mode", onWin, (*computer).lookAtProtectedPrint},
		{"clock", "The clock is right", nil, (*computer).lookAtClock},
		{"server-name", "The server's name is found", nil, (*computer).lookAtServerName},
		{"server-tcp", "The server's port is reached", nil, (*computer).lookAtServerTCP},
		{"server-tls", "The server's certificate is the right one", nil, (*computer).lookAtServerTLS},
		{"proxy", "Proxies of the environment", nil, (*computer).lookAtProxy},
		{"tray-host", "The desktop shows icons in its panel", onLinux, (*computer).lookAtTrayHost},
		{"autostart", "The tray starts with the session", onLinux, (*computer).lookAtAutostart},
		{"space", "There is room for jobs", nil, (*computer).lookAtSpace},
		{"access", "Nobody else can change or read the agent's files", withUnix, (*computer).lookAtAccess},
		{"bundle", "No bundle lies about", nil, (*computer).lookAtBundles},
		{"unit", "No old unit masks the package's", onLinux, (*computer).lookAtUnits},
		{"installation", "The installation is whole", nil, (*computer).lookAtInstallation},
	}
}

// All returns the checkups of this system. What they share is asked for once, so
// they are for one run.
func All(c Config) []checkup.Checkup {
	one := newComputer(c)
	var all []checkup.Checkup
	for _, row := range Table() {
		if row.Systems != nil && !slices.Contains(row.Systems, runtime.GOOS) {
			continue
		}
		all = append(all, checkup.Checkup{ID: row.ID, Title: row.Title, Look: func(ctx context.Context) checkup.Finding { return row.look(one, ctx) }})
	}
	return all
}
