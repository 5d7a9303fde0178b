package settings

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func writeConfig(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFileOverDefault(t *testing.T) {
	s, err := Load(writeConfig(t, `{"port": 9000, "JobRetention": "2h"}`))
	if err != nil {
		t.Fatal(err)
	}
	if s.Port != 9000 || s.Origins["Port"] != FromFile {
		t.Errorf("port %d from %s", s.Port, s.Origins["Port"])
	}
	if s.JobRetention != 2*time.Hour {
		t.Errorf("retention %s", s.JobRetention)
	}
	if s.PrinterName != "Print Scout" || s.Origins["PrinterName"] != FromDefault {
		t.Errorf("printer name %q from %s", s.PrinterName, s.Origins["PrinterName"])
	}
	if v, ok := s.Value("PORT"); !ok || v != 9000 {
		t.Errorf("Value: %v", v)
	}
}

func TestThePrintersLook(t *testing.T) {
	s, err := Load(writeConfig(t, `{"PrinterResources": ["raster"], "PrinterColor": false, "PrinterDuplex": false,
		"PrinterMedia": ["na_letter_8.5x11in", "custom_min_3x5in", "custom_max_12x48in"], "printerfinishings": ["punch-dual-left", "staple"]}`))
	if err != nil || len(s.Warnings) > 0 {
		t.Fatal(err, s.Warnings)
	}
	if s.PrinterColor || s.PrinterDuplex || !slices.Equal(s.PrinterResources, []string{"raster"}) || s.PrinterMedia[0] != "na_letter_8.5x11in" {
		t.Errorf("%+v", s.Values)
	}
	if n := s.FinishingNumbers(); !slices.Equal(n, []int{74, 4}) {
		t.Errorf("finishings %v", n)
	}
	if v, ok := s.Value("PrinterMedia"); !ok || len(v.([]string)) != 3 || s.Origins["PrinterMedia"] != FromFile {
		t.Errorf("Value: %v", v)
	}
	if d := Defaults(); !d.PrinterColor || !d.PrinterDuplex || len(d.PrinterMedia)+len(d.PrinterFinishings) > 0 {
		t.Errorf("defaults %+v", d)
	}
}

func TestWhatCannotBeUsedIsWarnedOf(t *testing.T) {
	for text, want := range map[string]string{
		`{"Port": "x"}`:             "Port is not used: it should be a whole number from 0 to 65535",
		`{"Port": 70000}`:           "Port is not used",
		`{"StateDir": "relative"}`:  "StateDir is not used: it should be an absolute path",
		`{"JobRetention": "1s"}`:    "JobRetention is not used",
		`{"Registration": "maybe"}`: "Registration is not used: it should be off, self or administrator",
		`{"LogLevel": "loud"}`:      "LogLevel is not used",
		`{"PrinterName": ""}`:       "PrinterName is not used",
		`{"Prot": 1}`:               `"Prot" is not a setting`,
		`{"MinFreeMB": {"a": "b"}}`: "MinFreeMB is not used",
		`{"SNMPKeysFile": "keys"}`:  "SNMPKeysFile is not used: it should be an absolute path",

		`{"PrinterColor": "no"}`:                                     "PrinterColor is not used: it should be true or false",
		`{"PrinterColor": null}`:                                     "PrinterColor is not used",
		`{"PrinterDuplex": 0}`:                                       "PrinterDuplex is not used: it should be true or false",
		`{"QueueChecksUsers": "yes"}`:                                "QueueChecksUsers is not used: it should be true or false",
		`{"PrinterResources": []}`:                                   "PrinterResources is not used: it should name print, raster or both",
		`{"PrinterResources": "raster"}`:                             "PrinterResources is not used: it should be a list of texts",
		`{"PrinterResources": ["fax"]}`:                              `PrinterResources is not used: "fax" is not a printer`,
		`{"PrinterResources": ["raster", 1]}`:                        "PrinterResources is not used: it should be a list",
		`{"PrinterResources":["print","print"]}`:                     `PrinterResources is not used: it names "print" twice`,
		`{"PrinterMedia": "iso_a4_210x297mm"}`:                       "PrinterMedia is not used: it should be a list of texts",
		`{"PrinterMedia": null}`:                                     "PrinterMedia is not used: it should be a list of texts",
		`{"PrinterMedia": ["A4"]}`:                                   `PrinterMedia is not used: "A4" should be a name of PWG 5101.1`,
		`{"PrinterMedia": ["custom_min_1x1in", "custom_max_2x2in"]}`: "PrinterMedia is not used: it should begin with a paper",
		`{"PrinterFinishings": ["stapel"]}`:                          `PrinterFinishings is not used: "stapel" is not a finishing; known are bale, bind, bind-bottom,`,
		`{"PrinterFinishings": ["none"]}`:                            `PrinterFinishings is not used: "none" is not a finishing; known are`,
		`{"PrinterFinishings":["fold","fold"]}`:                      `PrinterFinishings is not used: it names "fold" twice`,
		`{"PrinterFinishings": {}}`:                                  "PrinterFinishings is not used: it should be a list of texts",
	} {
		s, err := Load(writeConfig(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Warnings) != 1 || !strings.HasPrefix(s.Warnings[0], want) {
			t.Errorf("%s: warned %q, want %q", text, s.Warnings, want)
		}
		if !reflect.DeepEqual(s.Values, Defaults()) {
			t.Errorf("%s: changed %+v", text, s.Values)
		}
	}
}

func TestNoObjectIsAnError(t *testing.T) {
	for _, text := range []string{"", "[]", "{", `"x"`, strings.Repeat(" ", maxFile+1)} {
		if _, err := Load(writeConfig(t, text)); err == nil {
			t.Errorf("%.10q was taken", text)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "absent.json")); err == nil {
		t.Error("a named file that is absent was taken")
	}
}

func TestEveryRowIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range Table() {
		if row.Name == "" || row.Doc == "" || row.Since == "" || row.Type.Name == "" || row.Type.get == nil || row.Type.set == nil || row.Type.copy == nil || row.Type.schema == nil {
			t.Errorf("%+v", row)
		}
		if seen[strings.ToLower(row.Name)] {
			t.Errorf("%s is there twice", row.Name)
		}
		seen[strings.ToLower(row.Name)] = true
		if row.Private && row.Type.kind != kindText {
			t.Errorf("%s: only text can be hidden from others", row.Name)
		}
	}
}
