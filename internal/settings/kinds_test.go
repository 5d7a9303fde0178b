package settings

import (
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// abs returns an absolute path of this system.
func abs(name string) string {
	if runtime.GOOS == "windows" {
		return `C:\` + name
	}
	return "/" + name
}

// confusedSettings has one setting of each type.
var confusedSettings = []string{"PrinterLocation", "Port", "PrinterColor", "PrinterResources", "JobRetention"}

// Places of the types in confusedSettings.
const (
	text = iota
	number
	yes
	list
	duration
)

func wants(at int, value string) map[int]string { return map[int]string{at: value} }

// typesOfSystems has, for each value that a system can have, the settings of
// confusedSettings that take it, and the value that is then in force.
var typesOfSystems = map[string]struct {
	raw  rawValues // of all of confusedSettings the same value
	used map[int]string
}{
	`JSON "9000"`:        {jsonOf(`"9000"`), wants(text, "9000")},
	`JSON "true"`:        {jsonOf(`"true"`), wants(text, "true")},
	`JSON "2h"`:          {jsonOf(`"2h"`), map[int]string{text: "2h", duration: "2h"}},
	`JSON 9000`:          {jsonOf(`9000`), wants(number, "9000")},
	`JSON 1`:             {jsonOf(`1`), wants(number, "1")},
	`JSON 9000.0`:        {jsonOf(`9000.0`), nil},
	`JSON 9e3`:           {jsonOf(`9e3`), nil},
	`JSON -1`:            {jsonOf(`-1`), nil},
	`JSON huge`:          {jsonOf(`99999999999999999999`), nil},
	`JSON true`:          {jsonOf(`true`), wants(yes, "true")},
	`JSON null`:          {jsonOf(`null`), nil},
	`JSON object`:        {jsonOf(`{"a": 1}`), nil},
	`JSON ["raster"]`:    {jsonOf(`["raster"]`), wants(list, "[raster]")},
	`JSON [1]`:           {jsonOf(`[1]`), nil},
	`JSON ["print",nil]`: {jsonOf(`["print", null]`), nil},
	`JSON [["print"]]`:   {jsonOf(`[["print"]]`), nil},

	`plist <string>9000`:   {plistOf(`<string>9000</string>`), wants(text, "9000")},
	`plist <string>YES`:    {plistOf(`<string>YES</string>`), wants(text, "YES")},
	`plist <string>2h`:     {plistOf(`<string>2h</string>`), map[int]string{text: "2h", duration: "2h"}},
	`plist empty <string>`: {plistOf(`<string></string>`), wants(text, "")},
	`plist <integer>9000`:  {plistOf(`<integer>9000</integer>`), wants(number, "9000")},
	`plist <integer>1`:     {plistOf(`<integer>1</integer>`), map[int]string{number: "1", yes: "true"}},
	`plist <integer>0`:     {plistOf(`<integer>0</integer>`), map[int]string{number: "0", yes: "false"}},
	`plist <integer>2`:     {plistOf(`<integer>2</integer>`), wants(number, "2")},
	`plist <integer> huge`: {plistOf(`<integer>18446744073709551615</integer>`), nil},
	`plist <real>`:         {plistOf(`<real>9000</real>`), nil},
	`plist <true/>`:        {plistOf(`<true/>`), wants(yes, "true")},
	`plist <array>`:        {plistOf(`<array><string>raster</string></array>`), wants(list, "[raster]")},
	`plist <array> of 1`:   {plistOf(`<array><integer>1</integer></array>`), nil},
	`plist <dict>`:         {plistOf(`<dict><key>a</key><true/></dict>`), nil},
	`plist <date>`:         {plistOf(`<date>2026-01-01T00:00:00Z</date>`), nil},
	`plist <data>`:         {plistOf(`<data>AAAA</data>`), nil},

	`REG_SZ 9000`:             {keyOf(registryEntry{kind: regSZ, text: "9000"}), wants(text, "9000")},
	`REG_SZ 2h`:               {keyOf(registryEntry{kind: regSZ, text: "2h"}), map[int]string{text: "2h", duration: "2h"}},
	`REG_SZ true`:             {keyOf(registryEntry{kind: regSZ, text: "true"}), wants(text, "true")},
	`REG_EXPAND_SZ x`:         {keyOf(registryEntry{kind: regExpandSZ, text: "x"}), wants(text, "x")},
	`REG_EXPAND_SZ %x%`:       {keyOf(registryEntry{kind: regExpandSZ, text: "%x%"}), nil},
	`REG_DWORD 9000`:          {keyOf(registryEntry{kind: regDWORD, number: 9000}), wants(number, "9000")},
	`REG_DWORD 1`:             {keyOf(registryEntry{kind: regDWORD, number: 1}), map[int]string{number: "1", yes: "true"}},
	`REG_DWORD 0`:             {keyOf(registryEntry{kind: regDWORD, number: 0}), map[int]string{number: "0", yes: "false"}},
	`REG_DWORD 0xffffffff`:    {keyOf(registryEntry{kind: regDWORD, number: 0xffffffff}), nil},
	`REG_QWORD 9000`:          {keyOf(registryEntry{kind: regQWORD, number: 9000}), wants(number, "9000")},
	`REG_QWORD huge`:          {keyOf(registryEntry{kind: regQWORD, number: 1 << 63}), nil},
	`REG_MULTI_SZ raster`:     {keyOf(registryEntry{kind: regMultiSZ, list: []string{"raster"}}), wants(list, "[raster]")},
	`REG_BINARY`:              {keyOf(registryEntry{kind: 3}), nil},
	`REG_NONE`:                {keyOf(registryEntry{kind: 0}), nil},
	`a value out of reach`:    {keyOf(registryEntry{kind: regSZ, err: errors.New("access denied")}), nil},
	`REG_SZ one text, a list`: {keyOf(registryEntry{kind: regSZ, text: "raster"}), wants(text, "raster")},
}

// TestTypesOfEachSystem has what each type of setting makes of each type of
// value that each system has.
func TestTypesOfEachSystem(t *testing.T) {
	for source, c := range typesOfSystems {
		defaults := Defaults()
		for at, name := range confusedSettings {
			s := resolve([]reading{{origin: FromPolicy, values: c.raw}})
			row, _ := Find(name)
			want, used := c.used[at]
			if !used {
				want = fmt.Sprint(row.Value(&defaults))
			}
			if got := fmt.Sprint(row.Value(&s.Values)); got != want || (s.ProblemOf(name) == "") != used || !s.IsPinned(name) {
				t.Errorf("%s for %s: %s, problem %q, pinned %v; want %s", source, name, got, s.ProblemOf(name), s.IsPinned(name), want)
			}
		}
	}
}

func jsonOf(value string) rawValues {
	text := "{"
	for i, name := range confusedSettings {
		text += strings.Repeat(",", min(i, 1)) + fmt.Sprintf("%q: %s", name, value)
	}
	all, err := parseJSON([]byte(text+"}"), "x.json")
	if err != nil {
		panic(err)
	}
	return all
}

const plistHead = `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd"><plist version="1.0"><dict>`

func plistOf(value string) rawValues {
	text := plistHead
	for _, name := range confusedSettings {
		text += "<key>" + name + "</key>" + value
	}
	all, err := parsePlist([]byte(text+"</dict></plist>"), "x.plist")
	if err != nil {
		panic(err)
	}
	return all
}

func keyOf(e registryEntry) rawValues {
	var entries []registryEntry
	for _, name := range confusedSettings {
		e.name = name
		entries = append(entries, e)
	}
	return registryValues(entries, "key")
}

// TestNamesThatDifferOnlyInCase wants neither of two to be used.
func TestNamesThatDifferOnlyInCase(t *testing.T) {
	for _, text := range []string{`{"Port": 1, "port": 2}`, `{"Port": 1, "Port": 1}`} {
		s, err := Load(writeConfig(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if s.Port != 8631 {
			t.Errorf("%s: port %d", text, s.Port)
		}
		wantProblem(t, s, "Port is not used: it is there twice")
	}
	all, err := parsePlist([]byte(plistHead+"<key>Port</key><integer>1</integer><key>PORT</key><integer>2</integer></dict></plist>"), "x")
	if err != nil || all["port"].broken == nil {
		t.Errorf("%+v, %v", all, err)
	}
}

// TestFilesAsEditorsWriteThem has what is around the object of a file.
func TestFilesAsEditorsWriteThem(t *testing.T) {
	for text, ok := range map[string]bool{
		"\xef\xbb\xbf{\"Port\": 1}":                  true,
		"\n{\"$schema\": \"x.json\", \"Port\": 1}\n": true,
		"{\"Port\": 1} {}":                           false,
		"{\"Port\": 1}]":                             false,
		"{\"Port\": 1,}":                             false,
		"// why\n{\"Port\": 1}":                      false,
		"\xff\xfe{\x00}\x00":                         false,
	} {
		s, err := Load(writeConfig(t, text))
		if (err == nil) != ok || ok && (s.Port != 1 || len(s.Problems) > 0) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestUnknownNamesAreBounded wants a long name to be cut in a message.
func TestUnknownNamesAreBounded(t *testing.T) {
	s, err := Load(writeConfig(t, `{"`+strings.Repeat("x", 100_000)+`": 1}`))
	if err != nil || len(s.Warnings) != 1 || len(s.Warnings[0]) > 200 {
		t.Errorf("%d, %v", len(s.Warnings), err)
	}
}

func TestParseText(t *testing.T) {
	for in, want := range map[string]string{
		"port=9000": "Port 9000", "PrinterColor=false": "PrinterColor false", "PrinterResources=print,raster": "PrinterResources [print raster]",
		"PrinterMedia=": "PrinterMedia []", "JobRetention=90m": "JobRetention 1h30m", "QueueName=a b": "", "Port=x": "", "PrinterColor=1": "", "Prot=1": "",
		"ManagedBy=Example": "ManagedBy Example", "StateDir=" + abs("x"): "StateDir " + filepath.Clean(abs("x")), "StateDir=x": "",
	} {
		key, text, _ := strings.Cut(in, "=")
		name, value, err := ParseText(key, text)
		if got := fmt.Sprint(name, " ", value); (err != nil) != (want == "") || err == nil && got != want {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
}

// plistsOfOthers are binary property lists that Python's plistlib has written,
// the second with a date in it.
var plistsOfOthers = []string{
	"YnBsaXN0MDDWAQIDBAUGBwgJCgsMXEpvYlJldGVudGlvbllMZWF2ZVNpdGVZTWFuYWdlZEJ5VFBvcnRcUHJpbnRlckNvbG9yXxAQUHJpbnRlclJlc291cmNlc1IyaBAA" +
		"bxAPAEIAZQBpAHMAcABpAGUAbAAgAEcAbQBiAEgAIAD8ESMoCKENVnJhc3RlcggVIiw2O0hbXmCBhIWHAAAAAAAAAQEAAAAAAAAADgAAAAAAAAAAAAAAAAAAAI4=",
	"YnBsaXN0MDDXAQIDBAUGBwgJCgsMDQ5XRXhwaXJlc1xKb2JSZXRlbnRpb25ZTGVhdmVTaXRlWU1hbmFnZWRCeVRQb3J0XFByaW50ZXJDb2xvcl8QEFByaW50ZXJSZXNvdXJjZXMz" +
		"QceC+EAAAABSMmgQAG8QDwBCAGUAaQBzAHAAaQBlAGwAIABHAG0AYgBIACAA/BEjKAihD1ZyYXN0ZXIIFx8sNkBFUmVucXOUl5iaAAAAAAAAAQEAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAKE=",
}

func TestPlistsOfOthers(t *testing.T) {
	for i, coded := range plistsOfOthers {
		raw, err := base64.StdEncoding.DecodeString(coded)
		if err != nil {
			t.Fatal(err)
		}
		values, err := parsePlist(raw, "x.plist")
		s := resolve([]reading{{origin: FromPolicy, values: values}})
		if err != nil || s.Port != 9000 || s.PrinterColor || s.LeaveSite || s.ManagedBy != "Beispiel GmbH ü" || s.JobRetention != 2*time.Hour || !slices.Equal(s.PrinterResources, []string{"raster"}) || len(s.Problems) > 0 {
			t.Errorf("%d: %v, %q, %+v", i, err, s.Warnings, s.Values)
		}
	}
}
