package delivery

import "testing"

func TestCarries(t *testing.T) {
	const token = "ps-7f3a9c2e"
	for name, want := range map[string]bool{
		"Report [ps-7f3a9c2e]": true, "REPORT [PS-7F3A9C2E]": true, "Report _ps_7f3a9c2e_": true, "17 - Report ps7f3a9c2e.pdf": true,
		"Report": false, "": false, "Report [ps-7f3a9c2": false, "ps-7f3a9c2f": false,
	} {
		if got := carriesToken(name, token); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	if carriesToken("anything", "") {
		t.Error("no token is carried")
	}
}

// TestWhose has a printer that was up for 5000 s, or whose clock is the wall's,
// when it was found.
func TestWhose(t *testing.T) {
	ours := func(a *attempt) {}
	for name, c := range map[string]struct {
		set  func(*attempt)
		job  jobStatus
		want jobIdentity
	}{
		"the token":                         {ours, jobStatus{name: "Report [ps-00000001]"}, proven},
		"the uuid":                          {func(a *attempt) { a.jobUUID = "u1" }, jobStatus{name: "Print Job", uuid: "u1"}, proven},
		"another uuid":                      {func(a *attempt) { a.jobUUID = "u1" }, jobStatus{name: "Report [ps-00000001]", uuid: "u2"}, stranger},
		"no name, no uuid":                  {ours, jobStatus{}, numbered},
		"a name of its own":                 {ours, jobStatus{name: "Print Job"}, numbered},
		"another name, where it names jobs": {func(a *attempt) { a.known.NamesJobs = true }, jobStatus{name: "Holiday"}, stranger},
		"a name that has changed":           {func(a *attempt) { a.traits.name = "Print Job" }, jobStatus{name: "Holiday"}, stranger},
		"a user that has changed":           {func(a *attempt) { a.traits.user = "erika" }, jobStatus{user: "alice"}, stranger},
		"made at another time":              {func(a *attempt) { a.traits.created = 5001 }, jobStatus{created: 5002}, stranger},
		"made before ours":                  {ours, jobStatus{created: 4000}, stranger},
		"made after ours":                   {ours, jobStatus{created: 5001, upTime: 5002}, numbered},
		"its clock began again":             {ours, jobStatus{upTime: 3}, stranger},
		"its clock is a second behind":      {ours, jobStatus{upTime: 4999}, numbered},
		"clocks of two kinds":               {func(a *attempt) { a.upTime = 1632821835 }, jobStatus{upTime: 179727, created: 179000}, numbered},
		"no clock":                          {func(a *attempt) { a.upTime = 0 }, jobStatus{upTime: 3, created: 1}, numbered},
		"restarted since":                   {func(a *attempt) { a.restarted = true }, jobStatus{}, stranger},
	} {
		a := &attempt{known: &printerMemory{}, token: "ps-00000001", upTime: 5000}
		c.set(a)
		if got := a.identifyJob(c.job); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestMayCancel: a job that only its number shows to be ours is canceled only
// if a clock that can show a restart shows none, or its user is ours.
func TestMayCancel(t *testing.T) {
	for name, c := range map[string]struct {
		upTime int
		user   string // as it was said before
		job    jobStatus
		want   bool
	}{
		"proven":                  {0, "", jobStatus{name: "x [ps-00000001]"}, true},
		"the clock goes on":       {5000, "", jobStatus{upTime: 5001}, true},
		"no clock with the job":   {5000, "", jobStatus{}, false},
		"the clock is the wall's": {1632821835, "", jobStatus{upTime: 1632821840}, false},
		"no clock at all":         {0, "", jobStatus{}, false},
		"its user is ours":        {0, "erika", jobStatus{user: "erika"}, true},
		"its user is another":     {0, "erika", jobStatus{user: "alice"}, false},
	} {
		a := &attempt{known: &printerMemory{}, token: "ps-00000001", upTime: c.upTime, names: jobNames{"x", "erika"}}
		a.traits.user = c.user
		if got := a.mayCancel(c.job); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
