package local

import (
	"strings"
	"testing"
)

func TestSameAddress(t *testing.T) {
	const ours = "ipp://localhost:8631/ipp/print"
	for address, same := range map[string]bool{
		ours: true, "ipp://127.0.0.1:8631/ipp/print": true, "ipp://[::1]:8631/ipp/print/": true, "http://LOCALHOST.:8631/ipp/print": true,
		"ipps://localhost:8631/ipp/print": false, "ipp://localhost:8632/ipp/print": false, "ipp://localhost/ipp/print": false,
		"ipp://printer.example:8631/ipp/print": false, "ipp://localhost:8631/ipp/print/raster": false, "socket://localhost:8631": false,
		"": false, "%": false, "///dev/null": false,
	} {
		if sameAddress(address, ours) != same {
			t.Errorf("%s: %v", address, !same)
		}
	}
}

func TestFindQueue(t *testing.T) {
	const listing = "device for office: ipps://office.example/ipp/print\ndevice for lost: ///dev/null\nrubbish\ndevice for Mine: ipp://localhost:8631/ipp/print\n"
	if got := findQueue([]byte(listing), []string{"ipp://127.0.0.1:1/ipp/print", "ipp://127.0.0.1:8631/ipp/print"}, divideLPStat); got != "Mine" {
		t.Errorf("lpstat: %q", got)
	}
	if got := findQueue([]byte(listing), []string{"ipp://127.0.0.1:1/ipp/print"}, divideLPStat); got != "" {
		t.Errorf("another agent's: %q", got)
	}
	const windows = "Microsoft Print to PDF\tPORTPROMPT:\r\nPrint Scout\thttp://localhost:8631/ipp/print\r\n"
	if got := findQueue([]byte(windows), []string{"ipp://localhost:8631/ipp/print"}, divideTab); got != "Print Scout" {
		t.Errorf("Get-Printer: %q", got)
	}
}

func FuzzFindQueue(f *testing.F) {
	f.Add("device for Mine: ipp://localhost:8631/ipp/print\n")
	f.Add("a\tb\r\n")
	f.Fuzz(func(t *testing.T, listing string) {
		for _, name := range []string{
			findQueue([]byte(listing), []string{"ipp://localhost:8631/ipp/print"}, divideLPStat),
			findQueue([]byte(listing), []string{"ipp://localhost:8631/ipp/print"}, divideTab),
		} {
			if !strings.Contains(listing, name) || strings.Contains(name, "\n") {
				t.Errorf("%q", name)
			}
		}
	})
}

func TestShortError(t *testing.T) {
	if got := shortError([]byte("lpadmin:\n  Forbidden\xff\n"), errPlain); got != "lpadmin: Forbidden" {
		t.Errorf("%q", got)
	}
	if got := shortError(nil, errPlain); got != errPlain.Error() {
		t.Errorf("%q", got)
	}
	if got := shortError([]byte(strings.Repeat("é", 1000)), nil); len([]rune(got)) != 300 {
		t.Errorf("%d letters", len([]rune(got)))
	}
}
