package tray

import (
	"fmt"
	"slices"
	"strings"
)

// slots give each job an entry of the menu that it keeps while it lives, so
// that the entries of others stay where they are when one goes.
type slots struct {
	jobs [maxJobs]string // keys of the entries, "" for a free one
}

// place returns the menu with all slots in place of its jobs: the same number
// of entries each time.
func (s *slots) place(menu []Item) []Item {
	isJob := func(i Item) bool { return strings.HasPrefix(i.Key, jobPrefix) }
	first := slices.IndexFunc(menu, isJob)
	if first < 0 {
		first = slices.IndexFunc(menu, func(i Item) bool { return i.Key == "more" })
	}
	var jobs, before, after []Item
	for n, i := range menu {
		switch {
		case isJob(i):
			jobs = append(jobs, i)
		case n < first:
			before = append(before, i)
		default:
			after = append(after, i)
		}
	}
	return slices.Concat(before, s.fill(jobs), after)
}

func (s *slots) fill(jobs []Item) []Item {
	s.keep(jobs)
	out := make([]Item, maxJobs)
	for n := range out {
		out[n] = Item{Key: fmt.Sprint("slot/", n), Hidden: true}
		if i := slices.IndexFunc(jobs, func(i Item) bool { return i.Key == s.jobs[n] }); i >= 0 {
			key := out[n].Key
			out[n] = jobs[i]
			out[n].Key = key
		}
	}
	return out
}

// keep frees the slots of jobs that are gone and gives new jobs those behind
// the ones in use. Where that is not possible all move up.
func (s *slots) keep(jobs []Item) {
	free := 0
	for n, key := range s.jobs {
		if !slices.ContainsFunc(jobs, func(i Item) bool { return i.Key == key }) {
			s.jobs[n] = ""
		} else {
			free = n + 1
		}
	}
	for _, j := range jobs {
		if free < maxJobs && !slices.Contains(s.jobs[:], j.Key) {
			s.jobs[free] = j.Key
			free++
		}
	}
	if !s.inOrder(jobs) {
		s.jobs = [maxJobs]string{}
		for n, j := range jobs {
			s.jobs[n] = j.Key
		}
	}
}

func (s *slots) inOrder(jobs []Item) bool {
	var used []string
	for _, key := range s.jobs {
		if key != "" {
			used = append(used, key)
		}
	}
	return slices.EqualFunc(used, jobs, func(key string, i Item) bool { return key == i.Key })
}
