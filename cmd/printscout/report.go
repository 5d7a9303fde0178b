package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/user"
	"runtime"
	"strconv"
	"strings"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/redact"
)

// report is what a bug report is made of, before anything is taken out.
type report struct {
	Version     any
	Status      control.Status
	StatusError error
	Settings    any
	Results     []checkup.Result
	Log         []byte
	Known       redact.Known
}

// reportFile is a file of the report.
type reportFile struct {
	name string
	raw  []byte
}

// zip returns the report as a zip file, and the names of its files.
func (r report) zip() (raw []byte, names []string, err error) {
	files, err := r.files()
	if err != nil {
		return nil, nil, err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		part, err := w.Create(f.name)
		if err == nil {
			_, err = part.Write(f.raw)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("making the report: %w", err)
		}
		names = append(names, f.name)
	}
	if err := w.Close(); err != nil {
		return nil, nil, fmt.Errorf("making the report: %w", err)
	}
	return out.Bytes(), names, nil
}

// files returns the files of the report, redacted.
func (r report) files() ([]reportFile, error) {
	rules := redact.New(r.Known)
	files := []reportFile{{"README.txt", []byte(readme())}}
	var status any = r.Status
	if r.StatusError != nil {
		status = map[string]string{"error": r.StatusError.Error()}
	}
	system := map[string]any{"version": r.Version, "system": runtime.GOOS + "/" + runtime.GOARCH}
	for _, part := range []struct {
		name string
		v    any
	}{{"version.json", system}, {"status.json", status}, {"settings.json", r.Settings}, {"doctor.json", resultsWithoutTitles(r.Results)}} {
		raw, err := json.Marshal(part.v)
		if err == nil {
			raw, err = rules.JSON(raw)
		}
		if err != nil {
			return nil, fmt.Errorf("making %s of the report: %w", part.name, err)
		}
		files = append(files, reportFile{part.name, raw})
	}
	return append(files, reportFile{"log.txt", []byte(rules.Text(string(r.Log)))}), nil
}

// resultsWithoutTitles returns the results without the titles of the checkups,
// which a rule would take for those of jobs.
func resultsWithoutTitles(results []checkup.Result) any {
	type one struct {
		ID      string        `json:"id"`
		State   checkup.State `json:"state"`
		Summary string        `json:"summary"`
		Fix     string        `json:"fix"`
	}
	all := []one{}
	for _, r := range results {
		all = append(all, one{r.ID, r.State, r.Summary, r.Fix})
	}
	return all
}

func readme() string {
	return "This is a bug report of Print Scout. It was written on the computer that it is about, and sent\n" +
		"nowhere. It has no job, no document and no title. What these rules found was taken out:\n\n  " +
		strings.Join(redact.Rules(), "\n  ") + "\n\nWhat people wrote into names that no rule knows may still be in it: look before you send it.\n"
}

// hostNames returns the hosts of URLs, with this computer's own name.
func hostNames(urls ...string) (hosts []string) {
	if own, err := os.Hostname(); err == nil {
		hosts = append(hosts, own)
	}
	for _, text := range urls {
		if u, err := url.Parse(text); err == nil && u.Hostname() != "" {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}

// maxAccounts bounds the file of accounts that is read.
const maxAccounts = 1 << 20

// accountNames returns the names of people with an account here, and who they are
// called by.
func accountNames() (names []string) {
	if u, err := user.Current(); err == nil && u.Uid != "0" {
		names = append(names, u.Username, u.Name)
		if _, name, ok := strings.Cut(u.Username, `\`); ok {
			names = append(names, name)
		}
	}
	if by := os.Getenv("SUDO_USER"); by != "" {
		names = append(names, by)
	}
	raw, err := os.ReadFile("/etc/passwd")
	if err != nil || len(raw) > maxAccounts {
		return names
	}
	return append(names, peopleOf(string(raw))...)
}

// The uids of people's accounts: from the first on, without nobody's.
const (
	firstPerson = 500
	nobody      = 65534
)

// peopleOf returns the names in /etc/passwd of accounts that may be people's.
func peopleOf(passwd string) (names []string) {
	for _, line := range strings.Split(passwd, "\n") {
		f := strings.Split(line, ":")
		if len(f) < 7 {
			continue
		}
		if uid, err := strconv.Atoi(f[2]); err != nil || uid < firstPerson || uid == nobody || strings.HasPrefix(f[0], "systemd-") {
			continue
		}
		full, _, _ := strings.Cut(f[4], ",")
		names = append(names, f[0], full)
	}
	return names
}
