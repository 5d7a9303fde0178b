package checkups

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"github.com/printscout/printscout/internal/checkup"
)

// winQueue is a print queue of Windows.
type winQueue struct{ name, port, status string }

// parseWinQueues reads lines of a name, a port and a status with tabs between.
func parseWinQueues(out []byte) (all []winQueue) {
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		fields := strings.Split(strings.TrimSuffix(lines.Text(), "\r"), "\t")
		if len(fields) == 3 {
			all = append(all, winQueue{printable(fields[0]), printable(fields[1]), printable(fields[2])})
		}
	}
	return all
}

// badStatus are the words of Get-Printer for a queue that passes nothing on.
var badStatus = []string{"Paused", "Error", "Offline", "NotAvailable"}

// judgeWinQueues looks for our queue by its name or by the address in its port:
// the port of an IPP printer may be called WSD-… instead.
func judgeWinQueues(all []winQueue, isOurName func(string) bool, addresses []string) checkup.Finding {
	for _, q := range all {
		leads := isOurName(q.name)
		for _, ours := range addresses {
			leads = leads || sameAddress(q.port, ours)
		}
		if !leads {
			continue
		}
		for _, bad := range badStatus {
			if strings.Contains(q.status, bad) {
				return checkup.Found(checkup.Fail, fmt.Sprintf("The queue %s does not pass jobs on: Windows says %s.", q.name, q.status), "resume it in Settings, Printers; see the checkup port")
			}
		}
		return checkup.Found(checkup.Pass, fmt.Sprintf("The queue %s leads to the agent.", q.name), "")
	}
	return checkup.Found(checkup.Fail, "No print queue leads to the agent, so apps cannot print to it.", "as administrator: printscout install, or printscout setup")
}

// judgeProtectedPrint judges the two values of the registry that turn the mode on.
func judgeProtectedPrint(policy, mode uint64) checkup.Finding {
	if policy == 1 || mode == 1 {
		return checkup.Found(checkup.Warn, "Windows protected print mode is on. It is made for printers that Mopria has certified; whether the queue of the agent works under it has not been tried.",
			"print a test page (printscout setup); if nothing arrives, exempt this computer from the policy")
	}
	return checkup.Found(checkup.Pass, "Windows protected print mode is off.", "")
}
