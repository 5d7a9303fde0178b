package main

import (
	"context"
	"fmt"

	"github.com/kardianos/service"
)

// managedService is the agent as a service manager sees it.
type managedService struct {
	ctx    context.Context
	cancel context.CancelFunc
	run    func(context.Context) error
	ended  chan struct{}
	err    error // once ended is closed
}

// Start returns at once, because the service manager waits for it.
func (p *managedService) Start(service.Service) error {
	go func() {
		defer close(p.ended)
		p.err = p.run(p.ctx)
		endedByItself(p.ctx, p.err)
	}()
	return nil
}

// Stop returns once the agent has stopped in order.
func (p *managedService) Stop(service.Service) error {
	p.cancel()
	<-p.ended
	return p.err
}

// runService runs the agent under whatever started it until ctx ends, the
// service manager stops it, or it fails.
func runService(ctx context.Context, run func(context.Context) error) error {
	p := &managedService{run: run, ended: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(ctx)
	defer p.cancel()
	wait := func() {
		select {
		case <-p.ctx.Done():
		case <-p.ended:
		}
	}
	s, err := service.New(p, &service.Config{Name: "printscout", DisplayName: "Print Scout", Option: service.KeyValue{"RunWait": wait}})
	if err != nil {
		return fmt.Errorf("preparing the service: %w", err)
	}
	return s.Run()
}
