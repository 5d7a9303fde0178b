package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// readerTime is how long a reader may take for one file.
const readerTime = 40 * time.Second

// pageReader is an external program that shows how many pages a PDF has.
type pageReader struct {
	command []string
	pages   *regexp.Regexp // what it prints
}

var readers = [...]pageReader{
	{[]string{"pdfinfo"}, regexp.MustCompile(`(?m)^Pages:\s+(\d+)`)},
	{[]string{"qpdf", "--show-npages"}, regexp.MustCompile(`^(\d+)\s*$`)},
	{[]string{"mutool", "info"}, regexp.MustCompile(`(?m)^Pages:\s+(\d+)`)},
}

// shownPages is the pages that each reader shows, -1 if it shows none.
type shownPages [len(readers)]int

// agreedPages returns the number of pages if two readers or more show one, and all
// of them the same.
func (s shownPages) agreedPages() (pages int, ok bool) {
	showing := 0
	for _, n := range s {
		switch {
		case n < 0:
		case showing > 0 && n != pages:
			return 0, false
		default:
			pages, showing = n, showing+1
		}
	}
	return pages, showing > 1
}

// countPages runs the reader on a file. It ignores the exit status: readers show
// the pages of files that they then complain about.
func (r pageReader) countPages(ctx context.Context, file string) int {
	ctx, cancel := context.WithTimeout(ctx, readerTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.command[0], append(r.command[1:], file)...)
	cmd.WaitDelay = time.Second
	out, _ := cmd.Output()
	m := r.pages.FindSubmatch(out)
	if m == nil {
		return -1
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return -1
	}
	return n
}

// answerCache caches what the readers show, in a file of lines: the size and the
// name of a file, and the pages of each reader, separated by tabs.
type answerCache struct {
	file *os.File // nil if nothing is cached

	mu    sync.Mutex
	known map[string]shownPages
	err   error
}

func openAnswers(path string) (*answerCache, error) {
	a := &answerCache{known: map[string]shownPages{}}
	if path == "" {
		return a, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the cached answers: %w", err)
	}
	a.file = f
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, s, ok := parseAnswer(lines.Text())
		if ok {
			a.known[key] = s
		}
	}
	return a, nil
}

// parseAnswer parses a line; ok is false for a truncated one.
func parseAnswer(line string) (key string, s shownPages, ok bool) {
	fields := strings.Split(line, "\t")
	if len(fields) != 2+len(s) {
		return "", s, false
	}
	for i := range s {
		n, err := strconv.Atoi(fields[2+i])
		if err != nil {
			return "", s, false
		}
		s[i] = n
	}
	return fields[0] + "\t" + fields[1], s, true
}

// readersOf returns what the readers show for a file of the folder.
func (a *answerCache) readersOf(ctx context.Context, folder, name string) shownPages {
	path := filepath.Join(folder, name)
	info, err := os.Stat(path)
	if err != nil {
		return shownPages{-1, -1, -1}
	}
	key := fmt.Sprintf("%d\t%s", info.Size(), strings.NewReplacer("\t", " ", "\n", " ").Replace(name))
	a.mu.Lock()
	s, ok := a.known[key]
	a.mu.Unlock()
	if ok {
		return s
	}
	for i, r := range readers {
		s[i] = r.countPages(ctx, path)
	}
	if ctx.Err() == nil {
		a.storeAnswer(key, s)
	}
	return s
}

func (a *answerCache) storeAnswer(key string, s shownPages) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known[key] = s
	if a.file == nil {
		return
	}
	line := key
	for _, n := range s {
		line += "\t" + strconv.Itoa(n)
	}
	if _, err := a.file.WriteString(line + "\n"); err != nil {
		a.err = errors.Join(a.err, err)
	}
}

func (a *answerCache) close() error {
	if a.file == nil {
		return nil
	}
	return errors.Join(a.err, a.file.Close())
}
