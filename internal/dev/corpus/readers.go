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

// readerTime is how long a reader may look at one file.
const readerTime = 40 * time.Second

// reader is a program of others that shows how many pages a PDF has.
type reader struct {
	command []string
	pages   *regexp.Regexp // what it prints
}

var readers = [...]reader{
	{[]string{"pdfinfo"}, regexp.MustCompile(`(?m)^Pages:\s+(\d+)`)},
	{[]string{"qpdf", "--show-npages"}, regexp.MustCompile(`^(\d+)\s*$`)},
	{[]string{"mutool", "info"}, regexp.MustCompile(`(?m)^Pages:\s+(\d+)`)},
}

// shown is the pages that each reader shows, -1 where it shows none.
type shown [len(readers)]int

// agreed returns the pages where two readers or more show some, and all of
// those the same.
func (s shown) agreed() (pages int, ok bool) {
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

// ask runs the reader on a file. Its exit status is not looked at: readers
// show pages of files that they then complain of.
func (r reader) ask(ctx context.Context, file string) int {
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

// answers are what the readers showed of files, kept in a file of lines: the
// size and the name of a file, and the pages of each reader, between tabs.
type answers struct {
	file *os.File // nil where nothing is kept

	mu    sync.Mutex
	known map[string]shown
	err   error
}

func openAnswers(path string) (*answers, error) {
	a := &answers{known: map[string]shown{}}
	if path == "" {
		return a, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the answers kept: %w", err)
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

// parseAnswer reads a line; one that was cut off is none.
func parseAnswer(line string) (key string, s shown, ok bool) {
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

// of returns what the readers show of a file of the folder.
func (a *answers) of(ctx context.Context, folder, name string) shown {
	path := filepath.Join(folder, name)
	info, err := os.Stat(path)
	if err != nil {
		return shown{-1, -1, -1}
	}
	key := fmt.Sprintf("%d\t%s", info.Size(), strings.NewReplacer("\t", " ", "\n", " ").Replace(name))
	a.mu.Lock()
	s, ok := a.known[key]
	a.mu.Unlock()
	if ok {
		return s
	}
	for i, r := range readers {
		s[i] = r.ask(ctx, path)
	}
	if ctx.Err() == nil {
		a.keep(key, s)
	}
	return s
}

func (a *answers) keep(key string, s shown) {
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

func (a *answers) close() error {
	if a.file == nil {
		return nil
	}
	return errors.Join(a.err, a.file.Close())
}
