package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	p, err := newPackaging(os.Args[1:])
	if err == nil {
		err = p.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "packages:", err)
		stop()
		os.Exit(1)
	}
}

// packaging is one run: what is made of which source.
type packaging struct {
	source   string // the folder of go.mod
	out      string
	tools    string // the folder of nfpm, cyclonedx-gomod and govulncheck
	describe string // what git describe says, "" outside of a repository
	commit   string
	epoch    int64
	products []string
	arches   []string
	formats  []string
	number   version
	log      func(format string, args ...any)
}

func newPackaging(args []string) (*packaging, error) {
	p := &packaging{log: func(format string, args ...any) { fmt.Printf(format+"\n", args...) }}
	f := flag.NewFlagSet("packages", flag.ContinueOnError)
	f.StringVar(&p.source, "source", ".", "folder of the source")
	f.StringVar(&p.out, "out", "dist/packages", "folder for the packages; what an earlier run made there is removed")
	f.StringVar(&p.tools, "tools", "bin/tools", "folder of nfpm, cyclonedx-gomod and govulncheck")
	f.StringVar(&p.describe, "describe", "", "the version as git describe prints it")
	f.StringVar(&p.commit, "commit", "", "the commit that is built")
	f.Int64Var(&p.epoch, "epoch", 0, "the time of every file, in seconds since 1970")
	products := f.String("products", "printscout,scoutcloud", "what to package")
	arches := f.String("arches", "amd64,arm64", "for which processors")
	formats := f.String("formats", "deb,rpm,apk,tar.gz", "in which formats")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	p.products, p.arches, p.formats = strings.Split(*products, ","), strings.Split(*arches, ","), strings.Split(*formats, ",")
	if p.epoch <= 0 {
		return nil, fmt.Errorf("--epoch is missing: the time of the last commit, git log -1 --format=%%ct")
	}
	var err error
	if p.number, err = parseVersion(p.describe, p.epoch); err != nil {
		return nil, err
	}
	for _, dir := range []*string{&p.source, &p.out, &p.tools} {
		if *dir, err = filepath.Abs(*dir); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// run makes everything in a new folder, which takes the place of the former one
// when it is complete.
func (p *packaging) run(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Dir(p.out), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(p.out), ".packages-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	made := filepath.Join(work, "made")
	if err := os.Mkdir(made, 0o755); err != nil {
		return err
	}
	for _, product := range p.products {
		for _, arch := range p.arches {
			b := &bundle{packaging: p, product: product, arch: arch, stage: filepath.Join(work, product, arch), made: made}
			if err := b.make(ctx); err != nil {
				return fmt.Errorf("packaging %s for %s: %w", product, arch, err)
			}
		}
	}
	if err := writeSums(made); err != nil {
		return err
	}
	if err := os.RemoveAll(p.out); err != nil {
		return err
	}
	if err := os.Rename(made, p.out); err != nil {
		return err
	}
	p.log("%s: version %s in %s", strings.Join(p.products, ", "), p.number, p.out)
	return nil
}
