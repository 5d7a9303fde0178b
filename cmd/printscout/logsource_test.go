package main

import (
	"bytes"
	"maps"
	"strings"
	"testing"
)

func TestLogLines(t *testing.T) {
	for line, want := range map[string]map[string]string{
		`time=2026-11-27T22:50:58.183Z level=INFO msg="release ended" job=01a2 grade=""`: {"time": "2026-11-27T22:50:58.183Z", "level": "INFO", "msg": "release ended", "job": "01a2", "grade": ""},
		`msg="a \"b\"=c" x=1`:             {"msg": `a "b"=c`, "x": "1"},
		"Started printscout.service.":     {"msg": "Started printscout.service."},
		"a=b":                             {"msg": "a=b"},
		`msg="open`:                       {"msg": `msg="open`},
		`panic: runtime error: x="1" y=2`: {"msg": `panic: runtime error: x="1" y=2`},
		"":                                {"msg": ""},
	} {
		if got := parseLogLine(line); !maps.Equal(got, want) {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}

func TestCopyLog(t *testing.T) {
	var out bytes.Buffer
	log := "msg=one x=1\n\x1b[31mtwo\n" + strings.Repeat("a", 200<<10) + "\nmsg=last"
	if err := copyLog(&out, strings.NewReader(log), false); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 5 || lines[0] != "msg=one x=1" || lines[1] != "[31mtwo" || len(lines[2]) != maxLogLine || lines[3] != "msg=last" {
		t.Errorf("%d lines, the third of %d: %.100q", len(lines), len(lines[min(2, len(lines)-1)]), out.String())
	}
	out.Reset()
	if err := copyLog(&out, strings.NewReader("msg=one x=1\n"), true); err != nil || out.String() != `{"msg":"one","x":"1"}`+"\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func FuzzLogLine(f *testing.F) {
	f.Add(`time=2026 level=INFO msg="a \"b" x=`)
	f.Add(`="`)
	f.Fuzz(func(t *testing.T, line string) {
		if got := parseLogLine(line); len(got) == 0 || got["msg"] == "" && line != "" {
			t.Errorf("%q: %v", line, got)
		}
	})
}
