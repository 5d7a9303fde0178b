package settings

import (
	"maps"
	"reflect"
	"testing"
)

// TestPrecedence puts values into every combination of sources of every system.
func TestPrecedence(t *testing.T) {
	type values = map[string]any
	for name, c := range map[string]struct {
		policy, installer, file values
		port                    int
		from                    Origin
		pinned                  bool
		problem                 []string
	}{
		"nothing":                          {nil, nil, nil, 8631, FromDefault, false, nil},
		"empty sources":                    {values{}, values{}, values{}, 8631, FromDefault, false, nil},
		"file":                             {nil, nil, values{"Port": 3}, 3, FromFile, false, nil},
		"installer":                        {nil, values{"Port": 2}, nil, 2, FromInstaller, false, nil},
		"installer over file":              {nil, values{"Port": 2}, values{"Port": 3}, 2, FromInstaller, false, nil},
		"policy":                           {values{"Port": 1}, nil, nil, 1, FromPolicy, true, nil},
		"policy over file":                 {values{"Port": 1}, nil, values{"Port": 3}, 1, FromPolicy, true, nil},
		"policy over all":                  {values{"Port": 1}, values{"Port": 2}, values{"Port": 3}, 1, FromPolicy, true, nil},
		"policy in another case":           {values{"PORT": 1}, values{"port": 2}, nil, 1, FromPolicy, true, nil},
		"policy that is the default":       {values{"Port": 8631}, values{"Port": 2}, values{"Port": 3}, 8631, FromPolicy, true, nil},
		"installer that is the default":    {nil, values{"Port": 8631}, values{"Port": 3}, 8631, FromInstaller, false, nil},
		"zero is not absent":               {values{"Port": 0}, values{"Port": 2}, nil, 0, FromPolicy, true, nil},
		"policy of another setting":        {values{"UserJobs": 1}, nil, values{"Port": 3}, 3, FromFile, false, nil},
		"policy of a wrong type":           {values{"Port": "1"}, values{"Port": 2}, values{"Port": 3}, 8631, FromDefault, true, []string{"Port is not used: it should be a whole number", "policy"}},
		"policy out of range":              {values{"Port": 70000}, nil, values{"Port": 3}, 8631, FromDefault, true, []string{"Port is not used"}},
		"installer of a wrong type":        {nil, values{"Port": "2"}, values{"Port": 3}, 8631, FromDefault, false, []string{"Port is not used", "installer"}},
		"file of a wrong type":             {nil, nil, values{"Port": "3"}, 8631, FromDefault, false, []string{"Port is not used"}},
		"a mistake below policy is silent": {values{"Port": 1}, nil, values{"Port": "3"}, 1, FromPolicy, true, nil},
		"unknown in policy":                {values{"Prot": 1}, nil, values{"Port": 3}, 3, FromFile, false, []string{`"Prot" is not a setting`, "policy"}},
		"what is installed":                {nil, values{"Version": "1.0", "InstallDir": `C:\x`}, values{"Port": 3}, 3, FromFile, false, nil},
	} {
		for _, f := range formats(t) {
			t.Run(name+"/"+f.name, func(t *testing.T) {
				s := newSources(t)
				f.policy(t, s, c.policy)
				f.installer(t, s, c.installer)
				if c.file != nil {
					writeJSON(t, s.File, c.file)
				}
				got := load(t, s)
				if got.Port != c.port || got.Origins["Port"] != c.from || got.IsPinned("Port") != c.pinned {
					t.Errorf("port %d from %s, pinned %v; want %d from %s, %v", got.Port, got.Origins["Port"], got.IsPinned("Port"), c.port, c.from, c.pinned)
				}
				if c.problem != nil {
					wantProblem(t, got, c.problem...)
				} else if len(got.Problems) > 0 {
					t.Errorf("problems: %q", got.Warnings)
				}
			})
		}
	}
}

// TestEmptyIsNotAbsent pins settings to nothing.
func TestEmptyIsNotAbsent(t *testing.T) {
	for _, f := range formats(t) {
		s := newSources(t)
		f.policy(t, s, map[string]any{"PrinterLocation": "", "PrinterMedia": []string{}, "PrinterColor": false})
		writeJSON(t, s.File, map[string]any{"PrinterLocation": "hall", "PrinterMedia": []string{"iso_a4_210x297mm"}, "PrinterColor": true})
		got := load(t, s)
		if got.PrinterLocation != "" || len(got.PrinterMedia) > 0 || got.PrinterColor || len(got.Problems) > 0 {
			t.Errorf("%s: %+v, %q", f.name, got.Values, got.Warnings)
		}
	}
}

// TestEverySettingFromEverySource sets every setting, to a value other than the
// default, by each source of each system that may set it.
func TestEverySettingFromEverySource(t *testing.T) {
	other := map[string]any{
		"Site": "psf1:5zzjwufgeypnjomvlg27a4g6ueofohhtop44kwrnn6qoyv5un25q", "LeaveSite": false, "BundleFile": abs("b"), "ScoutName": "x", "ManagedBy": "Example", "TrayAutostart": false,
		"StateDir": abs("s"), "ControlPath": abs("c"), "LogLevel": "debug", "SNMPKeysFile": abs("k"), "Port": 1, "QueueName": "q", "DefaultPrinter": true, "QueueChecksUsers": true,
		"PrinterName": "n", "PrinterLocation": "l", "PrinterResources": []string{"raster"}, "PrinterColor": false, "PrinterDuplex": false, "PrinterMedia": []string{"iso_a4_210x297mm"},
		"PrinterFinishings": []string{"fold"}, "Registration": "self", "JobRetention": "1h", "MaxJobMB": 1, "UserQuotaMB": 1, "UserJobs": 1, "TotalQuotaMB": 1, "MinFreeMB": 1,
	}
	for _, f := range formats(t) {
		for origin, write := range map[Origin]func(*testing.T, *Sources, map[string]any){
			FromPolicy: f.policy, FromInstaller: f.installer, FromFile: func(t *testing.T, s *Sources, v map[string]any) { writeJSON(t, s.File, v) },
		} {
			s, values := newSources(t), maps.Clone(other)
			for _, row := range Table() {
				if !row.mayBeSetBy(origin) {
					delete(values, row.Name)
				}
			}
			write(t, s, values)
			got := load(t, s)
			for _, row := range Table() {
				if want, set := values[row.Name]; set && (!reflect.DeepEqual(row.Value(&got.Values), want) || got.Origins[row.Name] != origin) {
					t.Errorf("%s, %s: %s is %v from %s, want %v", f.name, origin, row.Name, row.Value(&got.Values), got.Origins[row.Name], want)
				} else if !set && row.mayBeSetBy(origin) {
					t.Errorf("the test has no value for %s", row.Name)
				}
			}
		}
	}
}

// TestWhoMaySet wants a setting that only some sources may set to pass over the
// others.
func TestWhoMaySet(t *testing.T) {
	s := newSources(t)
	writeJSON(t, s.File, map[string]any{"ManagedBy": "anybody"})
	got := load(t, s)
	if got.ManagedBy != "" || got.Origins["ManagedBy"] != FromDefault {
		t.Errorf("%q from %s", got.ManagedBy, got.Origins["ManagedBy"])
	}
	wantProblem(t, got, "ManagedBy is not used: only policy and installer may set it")
}

// TestUnusablePolicyFailsClosed wants an unusable policy about the site to allow
// no more than any policy could have meant.
func TestUnusablePolicyFailsClosed(t *testing.T) {
	for _, f := range formats(t) {
		s := newSources(t)
		f.policy(t, s, map[string]any{"Site": "psf1:short", "LeaveSite": "no"})
		writeJSON(t, s.File, map[string]any{"LeaveSite": true, "Site": ""})
		if got := load(t, s); got.Site != NoSite || got.LeaveSite || len(got.Problems) != 2 {
			t.Errorf("%s: site %q, leave %v, %q", f.name, got.Site, got.LeaveSite, got.Warnings)
		}
		s = newSources(t)
		f.installer(t, s, map[string]any{"LeaveSite": "no"})
		if got := load(t, s); !got.LeaveSite {
			t.Errorf("%s: an unusable value of the installer is no policy", f.name)
		}
	}
}

// TestFoundSaysWhoDecides wants every source of a setting, and which decides.
func TestFoundSaysWhoDecides(t *testing.T) {
	for _, f := range formats(t) {
		s := newSources(t)
		f.policy(t, s, map[string]any{"Port": "x"})
		f.installer(t, s, map[string]any{"Port": 2})
		writeJSON(t, s.File, map[string]any{"Port": 70000})
		found := load(t, s).Found("Port")
		if len(found) != 3 || found[0].Origin != FromPolicy || !found[0].Decides || found[0].Value != "x" || found[0].Problem == "" ||
			found[1].Decides || found[1].Value != int64(2) || found[1].Problem != "" || found[2].Decides || found[2].Problem == "" || found[2].Where != s.File {
			t.Errorf("%s: %+v", f.name, found)
		}
	}
}
