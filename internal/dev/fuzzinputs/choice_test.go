package main

import (
	"maps"
	"slices"
	"testing"
)

func TestChoose(t *testing.T) {
	in := func(name string, size int64, adds ...string) input {
		b := blocks{}
		for _, a := range adds {
			b[a] = true
		}
		return input{name, size, b}
	}
	for name, c := range map[string]struct {
		all  []input
		want []string
	}{
		"none":                      {nil, nil},
		"one that adds nothing":     {[]input{in("a", 1)}, nil},
		"the one that adds most":    {[]input{in("a", 1, "1"), in("b", 9, "1", "2")}, []string{"b"}},
		"the smaller of two alike":  {[]input{in("a", 9, "1"), in("b", 1, "1")}, []string{"b"}},
		"what only a small one has": {[]input{in("a", 9, "1", "2"), in("b", 1, "3"), in("c", 1, "2")}, []string{"a", "b"}},
	} {
		if got := slices.Sorted(maps.Keys(chooseInputs(c.all))); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
