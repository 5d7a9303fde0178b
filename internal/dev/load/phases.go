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

// measureColdStart has all scouts connect at once to a server that was just started.
func (f *loadRun) measureColdStart(ctx context.Context) error {
	start := time.Now()
	f.fleet.connectAll(ctx)
	if err := f.awaitConnected(ctx); err != nil {
		return err
	}
	took, refused := time.Since(start), f.fleet.failures.Load()
	f.addFigures(figureWithGoal(fmt.Sprintf("cold start: all %d scouts are connected after", f.scouts), formatSeconds(took), "12 s", took <= 12*time.Second),
		figureWithGoal("attempts that came to nothing meanwhile", fmt.Sprint(refused), "0", refused == 0))
	f.notePeak()
	f.addFigures(plainFigure("CPU time of server and of all scouts meanwhile", "%s, %s", formatSeconds(f.server.usedCPU()), formatSeconds(ownTime())),
		plainFigure("server's resident memory at that peak", "%.0f MB", f.server.memoryMB("VmHWM")))
	return f.awaitCondition(ctx, "the server knows all jobs", func() bool { return f.knowsAllJobs(ctx) })
}

// knowsAllJobs reports whether the server has the jobs of all scouts.
func (f *loadRun) knowsAllJobs(ctx context.Context) bool {
	var jobs []struct{}
	err := f.api.sendRequest(ctx, "GET", "/v1/jobs", "", nil, &jobs)
	return err == nil && len(jobs) == f.scouts*f.jobs
}

func (f *loadRun) measureIdle(ctx context.Context) error {
	before, start := f.server.usedCPU(), time.Now()
	if err := f.waitIdle(ctx); err != nil {
		return err
	}
	share := float64(f.server.usedCPU()-before) / float64(time.Since(start)) * 100
	f.addFigures(plainFigure("idle: of one core", "%.1f %%", share), plainFigure("idle: server's resident memory", "%.0f MB", f.server.memoryMB("VmRSS")))
	return nil
}

func (f *loadRun) waitIdle(ctx context.Context) error {
	timer := time.NewTimer(f.idle)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// orderOneByOne times orders from the request to the frame at the scout.
func (f *loadRun) orderOneByOne(ctx context.Context) error {
	var took []time.Duration
	began := time.Now()
	for range f.orders {
		job := f.fleet.nthJob(rand.IntN(f.scouts * f.jobs))
		arrived, start := f.fleet.expectOrder(job), time.Now()
		if _, err := f.api.orderReleases(ctx, "", job); err != nil {
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
	f.addFigures(plainFigure("order → frame, one by one, p50", "%s", formatMilliseconds(p50)),
		figureWithGoal("order → frame, one by one, p99", formatMilliseconds(p99), "4 ms", p99 <= 4*time.Millisecond),
		plainFigure("orders one by one", "%.0f a second", rate))
	return nil
}

// orderInBatches makes as many orders in requests with many jobs each, all at once.
func (f *loadRun) orderInBatches(ctx context.Context) error {
	_, before := f.fleet.countCarried("")
	start := time.Now()
	var all sync.WaitGroup
	failed := make(chan error, f.orders)
	for first := 0; first < f.orders; first += f.batch {
		var jobs []string
		for n := first; n < min(first+f.batch, f.orders); n++ {
			jobs = append(jobs, f.fleet.nthJob(n))
		}
		all.Go(func() {
			made, err := f.api.orderReleases(ctx, "", jobs...)
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
	want := before + f.batchOrders()
	err := f.awaitCondition(ctx, "all orders have arrived", func() bool { _, n := f.fleet.countCarried(""); return n >= want })
	rate := float64(f.batchOrders()) / time.Since(start).Seconds()
	f.addFigures(figureWithGoal(fmt.Sprintf("orders in batches of %d", f.batch), fmt.Sprintf("%.0f a second", rate), "1,000 a second", rate >= 1000))
	return err
}

// batchOrders returns how many orders the batches make: a batch has a job only once.
func (f *loadRun) batchOrders() (n int) {
	for first := 0; first < f.orders; first += f.batch {
		n += min(f.batch, f.orders-first, f.scouts*f.jobs)
	}
	return n
}

// measureRestart stops the server as a service manager does, and starts it again.
func (f *loadRun) measureRestart(ctx context.Context) error {
	f.notePeak()
	start := time.Now()
	if err := f.server.endProcess(syscall.SIGTERM); err != nil {
		return err
	}
	stopped := time.Since(start)
	if err := f.server.startProcess(ctx); err != nil {
		return err
	}
	if err := f.awaitConnected(ctx); err != nil {
		return err
	}
	took := time.Since(start)
	f.addFigures(plainFigure("planned restart: the server has ended after", "%s", formatSeconds(stopped)),
		figureWithGoal("planned restart: all are back after", formatSeconds(took), "40 s", took <= 40*time.Second))
	return nil
}

func formatSeconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
func formatMilliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
