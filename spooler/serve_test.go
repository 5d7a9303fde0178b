package spooler

import (
	"context"
	"strings"
	"testing"
)

func TestServeWithoutListenersEnds(t *testing.T) {
	p, _ := newPrinter(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := p.Serve(ctx); err != nil {
		t.Error(err)
	}
}

func TestServeTellsThatAListenerFailed(t *testing.T) {
	p, _ := newPrinter(t)
	ls, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	ls[0].Close()
	if err := p.Serve(t.Context(), ls...); err == nil {
		t.Error("no error")
	}
}

func TestNewRefuses(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no intake":   func(c *Config) { c.Intake = nil },
		"no numbers":  func(c *Config) { c.NextJobID = nil },
		"no name":     func(c *Config) { c.Name = "" },
		"a long name": func(c *Config) { c.Name = strings.Repeat("n", 128) },
		"no uuid":     func(c *Config) { c.UUID = "6e2f1d1c-0f0a-4f43-9a59-2d0c4d6a1b11" },
		"no resource": func(c *Config) { c.Resources = []Resource{"fax"} },
		"one twice":   func(c *Config) { c.Resources = []Resource{Raster, Raster} },
		"finished so": func(c *Config) { c.Finishings = []int{3} },
		"bound twice": func(c *Config) { c.Finishings = []int{4, 4} },
	} {
		cfg := testConfig(newMemoryIntake())
		change(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
