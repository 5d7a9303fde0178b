//go:build unix

package main

import "testing"

func TestElevatedHint(t *testing.T) {
	got := elevatedHint([]string{"/opt/printscout", "install", "--set", "PrinterName=it's; rm -rf ~", ""})
	if want := `run it as root: sudo /opt/printscout install --set 'PrinterName=it'\''s; rm -rf ~' ''`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
