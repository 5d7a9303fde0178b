package checkups

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/checkup"
)

// TestQueuesOfWindows judges recorded answers of Get-Printer.
func TestQueuesOfWindows(t *testing.T) {
	ours := []string{"ipp://localhost:8631/ipp/print"}
	isOurs := func(name string) bool { return strings.EqualFold(name, "PrintScout") }
	for out, want := range map[string]checkup.State{
		"Microsoft Print to PDF\tPORTPROMPT:\tNormal\r\nprintscout\tWSD-1b2c\tNormal\r\n": checkup.Pass,
		"Office\thttp://127.0.0.1:8631/ipp/print\tNormal\r\n":                             checkup.Pass,
		"PrintScout\tWSD-1b2c\tPaused, Error\r\n":                                         checkup.Fail,
		"Microsoft Print to PDF\tPORTPROMPT:\tNormal\r\n":                                 checkup.Fail,
		"": checkup.Fail, "\t\n\t\t\t\t\n": checkup.Fail,
	} {
		if f := judgeWinQueues(parseWinQueues([]byte(out)), isOurs, ours); f.State != want {
			t.Errorf("%q: %+v", out, f)
		}
	}
	for _, c := range []struct {
		policy, mode uint64
		want         checkup.State
	}{{0, 0, checkup.Pass}, {1, 0, checkup.Warn}, {0, 1, checkup.Warn}} {
		if f := judgeProtectedPrint(c.policy, c.mode); f.State != c.want {
			t.Errorf("%+v: %+v", c, f)
		}
	}
}

func TestComplaints(t *testing.T) {
	for said, denied := range map[string]bool{
		"lpadmin: Forbidden\n": true, "cupsenable: Operation failed: client-error-not-authorized": false, "Password for root on localhost?": true, "lpadmin: No such printer": false,
	} {
		if err := complaint("lpadmin", said, errors.New("exit status 1")); errors.Is(err, fs.ErrPermission) != denied || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", said, err)
		}
	}
	if err := complaint("x", "", errors.New("exit status 1")); err.Error() != "x: exit status 1" {
		t.Error(err)
	}
}
