package peers

import (
	"slices"
	"testing"
)

const wineEnd = "    testing.go:1464: TempDir RemoveAll cleanup: unlinkat C:\\x: Invalid function.\n"

// TestFailuresOnWindows tells what a test found from what Wine cannot.
func TestFailuresOnWindows(t *testing.T) {
	frame := func(name, said, end string) string {
		return "\x16=== RUN   " + name + "\n" + said + "\x16--- " + end + ": " + name + " (0.00s)\n"
	}
	for name, c := range map[string]struct {
		output string
		want   []string
		fails  bool
	}{
		"the end of a test":         {frame("TestA", wineEnd, "FAIL") + "\x16FAIL\n", nil, false},
		"a test":                    {frame("TestA", "    a_test.go:3: wrong\n", "FAIL") + "\x16FAIL\n", []string{"TestA"}, false},
		"a test, and its end":       {frame("TestA", "    a_test.go:3: wrong\n"+wineEnd, "FAIL") + "\x16FAIL\n", []string{"TestA"}, false},
		"a test that says nothing":  {frame("TestA", "", "FAIL") + "\x16FAIL\n", []string{"TestA"}, false},
		"one of two":                {frame("TestA", wineEnd, "FAIL") + frame("TestB", "    b_test.go:3: wrong\n", "FAIL") + "\x16FAIL\n", []string{"TestB"}, false},
		"a panic":                   {"\x16=== RUN   TestA\npanic: oh\n", nil, true},
		"none, but the binary does": {frame("TestA", "", "PASS") + "\x16FAIL\n", nil, true},
	} {
		failed, err := readFailures([]byte(c.output))
		var got []string
		for _, f := range failed {
			got = append(got, f.test)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) || (err != nil) != c.fails {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
