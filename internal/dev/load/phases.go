package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"time"
)

// storm has all scouts connect at once to a server that has just started.
func (f *field) storm(ctx context.Context) error {
	start := time.Now()
	f.fleet.start(ctx)
	if err := f.allConnected(ctx); err != nil {
		return err
	}
	took, refused := time.Since(start), f.fleet.failures.Load()
	f.add(against(fmt.Sprintf("cold start: all %d scouts are connected after", f.scouts), seconds(took), "12 s", took <= 12*time.Second),
		against("attempts that came to nothing meanwhile", fmt.Sprint(refused), "0", refused == 0))
	f.notePeak()
	f.add(plainly("CPU time of server and of all scouts meanwhile", "%s, %s", seconds(f.server.busy()), seconds(ownTime())),
		plainly("server's resident memory at that peak", "%.0f MB", f.server.memory("VmHWM")))
	return f.until(ctx, "the server knows all jobs", func() bool { return f.known(ctx) })
}

// known reports whether the server has the last job of the last scout.
func (f *field) known(ctx context.Context) bool {
	var jobs []struct{}
	err := f.api.ask(ctx, "GET", "/v1/jobs", "", nil, &jobs)
	return err == nil && len(jobs) == f.scouts*f.jobs
}

func (f *field) rest(ctx context.Context) error {
	before, start := f.server.busy(), time.Now()
	if err := f.pause(ctx); err != nil {
		return err
	}
	share := float64(f.server.busy()-before) / float64(time.Since(start)) * 100
	f.add(plainly("idle: of one core", "%.1f %%", share), plainly("idle: server's resident memory", "%.0f MB", f.server.memory("VmRSS")))
	return nil
}

func (f *field) pause(ctx context.Context) error {
	timer := time.NewTimer(f.idle)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// oneByOne times each order from the request to its frame at the scout.
func (f *field) oneByOne(ctx context.Context) error {
	var took []time.Duration
	began := time.Now()
	for range f.orders {
		job := f.fleet.job(rand.IntN(f.scouts * f.jobs))
		arrived, start := f.fleet.expect(job), time.Now()
		if _, err := f.api.order(ctx, "", job); err != nil {
			return fmt.Errorf("ordering one by one: %w", err)
		}
		select {
		case at := <-arrived:
			took = append(took, at.Sub(start))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	rate := float64(len(took)) / time.Since(began).Seconds()
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	f.add(plainly("order → frame, one by one, p50", "%s", milliseconds(p50)),
		against("order → frame, one by one, p99", milliseconds(p99), "4 ms", p99 <= 4*time.Millisecond),
		plainly("orders one by one", "%.0f a second", rate))
	return nil
}

// batches orders as many again, several requests at a time with many jobs each.
func (f *field) batches(ctx context.Context) error {
	_, before := f.fleet.times("")
	start := time.Now()
	var all sync.WaitGroup
	failed := make(chan error, f.orders)
	for first := 0; first < f.orders; first += f.batch {
		var jobs []string
		for n := first; n < min(first+f.batch, f.orders); n++ {
			jobs = append(jobs, f.fleet.job(n))
		}
		all.Go(func() {
			made, err := f.api.order(ctx, "", jobs...)
			if err == nil && len(made) == 0 {
				err = fmt.Errorf("no order was made")
			}
			if err != nil {
				failed <- fmt.Errorf("ordering in batches: %w", err)
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
	}
	want := before + f.wanted()
	err := f.until(ctx, "all orders have arrived", func() bool { _, n := f.fleet.times(""); return n >= want })
	rate := float64(f.wanted()) / time.Since(start).Seconds()
	f.add(against(fmt.Sprintf("orders in batches of %d", f.batch), fmt.Sprintf("%.0f a second", rate), "1,000 a second", rate >= 1000))
	return err
}

// wanted is how many orders the batches make: one job is in a batch once.
func (f *field) wanted() (n int) {
	for first := 0; first < f.orders; first += f.batch {
		n += min(f.batch, f.orders-first, f.scouts*f.jobs)
	}
	return n
}

// restart ends the server as a service manager does, and starts it again.
func (f *field) restart(ctx context.Context) error {
	f.notePeak()
	start := time.Now()
	if err := f.server.end(syscall.SIGTERM); err != nil {
		return err
	}
	stopped := time.Since(start)
	if err := f.server.start(ctx); err != nil {
		return err
	}
	if err := f.allConnected(ctx); err != nil {
		return err
	}
	took := time.Since(start)
	f.add(plainly("planned restart: the server has ended after", "%s", seconds(stopped)),
		against("planned restart: all are back after", seconds(took), "40 s", took <= 40*time.Second))
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
