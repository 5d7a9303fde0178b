package run

import (
	"reflect"
	"testing"
)

func TestParseSuite(t *testing.T) {
	for name, c := range map[string]struct {
		output string
		want   Suite
	}{
		"nothing": {"", Suite{}},
		"all outcomes, an included suite, a summary": {`
"/s/ipp-2.0.test":
"/s/ipp-1.1.test":
    RFC 8011 section 4.1.1: Bad request-id value 0                       [PASS]
    Send-Document missing last-document                                  [SKIP]
    Print-Job: copies [2]                                                [PASS]
        RECEIVED: 118 bytes in response
        status-code = successful-ok (successful-ok)

Summary: 1 tests, 1 passed, 0 failed, 0 skipped
Score: 100%
`, Suite{Passed: 2, Skipped: 1}},
		"failures with their reasons": {`
    Get-Jobs Operation                                                   [FAIL]
        RECEIVED: 100 bytes in response
        status-code = server-error-busy (The printer is busy)
        EXPECTED: STATUS successful-ok (got server-error-busy)
    Cancel-Job Operation                                                 [PASS]
        not a reason
    Create-Job Operation                                                 [FAIL]
`, Suite{Passed: 1, Failed: []Failure{
			{"Get-Jobs Operation", []string{"RECEIVED: 100 bytes in response", "status-code = server-error-busy (The printer is busy)", "EXPECTED: STATUS successful-ok (got server-error-busy)"}},
			{"Create-Job Operation", nil},
		}}},
		"outcomes elsewhere in a line":          {"        says [PASS]\n[PASS]\n    half                     [PASS] of it\n", Suite{}},
		"lines as a system with CRLF ends them": {"    A test      [PASS]\r\n    Another     [FAIL]\r\n", Suite{Passed: 1, Failed: []Failure{{Test: "Another"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ParseSuite(c.output); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func FuzzParseSuite(f *testing.F) {
	f.Add("    A test    [PASS]\n    Another  [FAIL]\n        why\n")
	f.Add("        why\n    A [SKIP]")
	f.Fuzz(func(t *testing.T, output string) {
		s := ParseSuite(output)
		for _, failure := range s.Failed {
			if failure.Test == "" {
				t.Error("a failure of no test")
			}
		}
	})
}
