package delivery

import (
	_ "embed"
	"encoding/json"
	"strings"
)

// quirk is what is known of printers whose make and model contains some words,
// and what cannot be learned from them without harm.
type quirk struct {
	Model    string `json:"model"` // in lower case
	Why      string `json:"why"`
	NoExpect bool   `json:"no_expect"` // fails a request that asks for the body first
	NoGzip   bool   `json:"no_gzip"`   // offers gzip and cannot do it
	PrintJob bool   `json:"print_job"` // offers Create-Job and cannot do it
	Plain    bool   `json:"plain"`     // takes only names of letters and digits
}

//go:embed quirks.json
var quirksFile []byte

var quirks = func() (all []quirk) {
	if err := json.Unmarshal(quirksFile, &all); err != nil {
		panic("delivery: quirks.json: " + err.Error())
	}
	return all
}()

// quirksOf returns all quirks of a make and model, merged.
func quirksOf(model string) (q quirk) {
	model = strings.ToLower(model)
	for _, k := range quirks {
		if !strings.Contains(model, k.Model) {
			continue
		}
		q.NoExpect, q.NoGzip = q.NoExpect || k.NoExpect, q.NoGzip || k.NoGzip
		q.PrintJob, q.Plain = q.PrintJob || k.PrintJob, q.Plain || k.Plain
	}
	return q
}
