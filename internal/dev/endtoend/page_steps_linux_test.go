//go:build !race

package endtoend

import (
	"reflect"
	"testing"
)

func TestPageSteps(t *testing.T) {
	got := readSteps(t, `# A page
Words. On the server:

    make it
    show it

    Name   …

    again

    1

Repeat the next command until it says so. On pc-17, as alice:

    look

`+"```\n    not a step\n```\n")
	want := []step{
		{line: 4, place: "the server", commands: "make it\nshow it", output: []string{"Name   …"}},
		{line: 4, place: "the server", commands: "again", output: []string{"1"}},
		{line: 15, place: "pc-17", person: "alice", repeat: true, commands: "look"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the steps are %+v, want %+v", got, want)
	}
}

func TestPageOutput(t *testing.T) {
	samples := []sample{{"psf1:zl42", `psf1:\w+`}}
	for _, c := range []struct {
		want    []string
		output  string
		missing string
	}{
		{[]string{"Name   Example", "Key  …"}, "before\nName Example\nbetween\nKey    a b\n", ""},
		{[]string{"…  pc-17  …  pending"}, "01a2  pc-17  9.8.7  pending\n", ""},
		{[]string{"a", "b"}, "b\na\n", "b"},
		{[]string{"a"}, "ab\n", "a"},
		{[]string{"Takes jobs  yes"}, "Takes jobs  no\n", "Takes jobs  yes"},
		{[]string{"Keys psf1:zl42"}, "Keys psf1:other\n", "Keys psf1:zl42"},
	} {
		b := bindings{"psf1:zl42": "psf1:mine"}
		if got := b.learn(c.want, c.output, samples); got != c.missing {
			t.Errorf("%q in %q: missing %q, want %q", c.want, c.output, got, c.missing)
		}
	}
	b := bindings{}
	if got := b.learn([]string{"Keys  psf1:zl42"}, "Keys psf1:mine\n", samples); got != "" || b.inPlace("join psf1:zl42") != "join psf1:mine" {
		t.Errorf("learned %q, missing %q", b, got)
	}
}
