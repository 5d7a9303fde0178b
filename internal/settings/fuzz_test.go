package settings

import (
	"testing"
	"time"

	"howett.net/plist"
)

func FuzzJSON(f *testing.F) {
	f.Add(`{"Port": 1, "x": [1, {"y": null}]}`)
	f.Add(`{"PrinterMedia": ["iso_a4_210x297mm", "custom_min_1x1in", "custom_max_2x2in"], "PrinterFinishings": ["fold"]}`)
	f.Add("\xef\xbb\xbf{\"Site\": \"none\", \"site\": 1, \"LeaveSite\": false}")
	f.Fuzz(func(t *testing.T, text string) {
		if values, err := parseJSON([]byte(text), "x"); err == nil {
			wantSaneValues(t, values)
		}
	})
}

func FuzzPlist(f *testing.F) {
	values := map[string]any{"Port": 1, "LeaveSite": false, "PrinterResources": []string{"raster"}, "x": map[string]any{"y": 1.5}}
	for _, format := range []int{plist.XMLFormat, plist.BinaryFormat} {
		raw, err := plist.Marshal(values, format)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add(plistBomb())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > maxFile {
			return
		}
		if values, err := parsePlist(raw, "x"); err == nil {
			wantSaneValues(t, values)
		}
	})
}

// wantSaneValues wants whatever a source has to leave usable values.
func wantSaneValues(t *testing.T, values rawValues) {
	s := resolve([]reading{{origin: FromPolicy, values: values}})
	if s.Port < 0 || s.Port > 65535 || s.JobRetention < time.Minute || s.QueueName == "" || len(s.PrinterResources) == 0 || s.MaxJobMB < 1 {
		t.Errorf("%+v", s.Values)
	}
	if s.Site != "" && s.Site != NoSite && len(s.Site) != len(fingerprintPrefix)+fingerprintSize {
		t.Errorf("site %q", s.Site)
	}
}

// plistBomb is a binary property list in which Port is an array of arrays of
// arrays …, of 2^40 items in all.
func plistBomb() []byte {
	objects := [][]byte{{0xd1, 1, 2}, []byte("\x54Port")}
	for i := range 40 {
		next := byte(len(objects) + 1)
		if i == 39 {
			next = 1
		}
		objects = append(objects, []byte{0xa2, next, next})
	}
	raw, offsets := []byte("bplist00"), []byte(nil)
	for _, o := range objects {
		offsets = append(offsets, byte(len(raw)))
		raw = append(raw, o...)
	}
	table := byte(len(raw))
	raw = append(raw, offsets...)
	raw = append(raw, 0, 0, 0, 0, 0, 0, 1, 1)
	raw = append(raw, 0, 0, 0, 0, 0, 0, 0, byte(len(objects)))
	raw = append(raw, 0, 0, 0, 0, 0, 0, 0, 0)
	return append(raw, 0, 0, 0, 0, 0, 0, 0, table)
}

// TestPlistsThatAreNone has what is not read, and what must not take long.
func TestPlistsThatAreNone(t *testing.T) {
	values, err := parsePlist(plistBomb(), "x")
	if err != nil || values["port"].kind != kindOther {
		t.Errorf("the bomb: %+v, %v", values, err)
	}
	for _, text := range []string{"", "{Port = 1;}", `{"Port": 1}`, "bplist00", "<", "<plist>", "<plist><array/></plist>", "<html></html>", "<0a0b>"} {
		if values, err := parsePlist([]byte(text), "x"); err == nil {
			t.Errorf("%q was read as %+v", text, values)
		}
	}
}
