// Command corpus compares the pages that docinfo counts in a folder of PDFs with
// those that pdfinfo, qpdf and mutool show, and prints one table (docs/docinfo.md).
// It owns the comparison, not the files: whoever runs it fetches them, and none is
// kept here.
//
// It exits with 1 if a count that docinfo calls exact is wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"

	"github.com/printscout/printscout/spooler/docinfo"
)

var errWrong = errors.New("a count that is called exact is wrong")

func main() {
	answers := flag.String("cache", "", "keep the readers' answers in `FILE`, and run the readers only on files that are not in it")
	list := flag.Bool("list", false, "also list each file whose count is wrong or unknown")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: corpus [-cache FILE] [-list] FOLDER\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := compareFolder(ctx, flag.Arg(0), *answers, *list, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "corpus: %s\n", err)
		os.Exit(1)
	}
}

// compareFolder prints the table of all PDFs in a folder.
func compareFolder(ctx context.Context, folder, cache string, list bool, out io.Writer) error {
	files, err := findPDFs(folder)
	if err != nil {
		return err
	}
	known, err := openAnswers(cache)
	if err != nil {
		return err
	}
	rows := make([]row, len(files))
	forEach(len(files), func(i int) {
		rows[i] = row{name: files[i], readers: known.readersOf(ctx, folder, files[i])}
		rows[i].ours, rows[i].err = countPages(ctx, folder, files[i])
	})
	if err := errors.Join(known.close(), context.Cause(ctx)); err != nil {
		return err
	}
	return printReport(rows, list, out)
}

// forEach calls do with the numbers below n, on all processors.
func forEach(n int, do func(int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// countPages returns what docinfo finds in a file that is read as the agent reads
// it: once as a stream, then by position.
func countPages(ctx context.Context, folder, name string) (docinfo.Info, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return docinfo.Info{}, err
	}
	defer root.Close()
	f, err := root.Open(name)
	if err != nil {
		return docinfo.Info{}, err
	}
	defer f.Close()
	tap := docinfo.New()
	size, err := io.Copy(tap, f)
	if err != nil {
		return docinfo.Info{}, err
	}
	tapped := tap.Info()
	if !docinfo.IsExamined(tapped.Format) {
		return tapped, nil
	}
	if tapped.Files > 1 {
		if parts, err := docinfo.Split(ctx, f, size); parts == nil && err == nil {
			tapped.Files = 0
		}
	}
	examined, err := docinfo.Examine(ctx, f, size, tapped.Format)
	return docinfo.MergeExamined(tapped, examined, err), err
}
