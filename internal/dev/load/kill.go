package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// orderers is how many terminals order at the same time.
const orderers = 8

// killAmidOrders kills the server while orders are made, starts it again and
// repeats the requests without an answer. Each order must be carried out once.
func (f *loadRun) killAmidOrders(ctx context.Context) error {
	var back []time.Duration
	for range f.kills {
		f.notePeak()
		if err := f.waitIdle(ctx); err != nil {
			return err
		}
		took, err := f.killOnce(ctx)
		if err != nil {
			return err
		}
		back = append(back, took)
	}
	if len(back) == 0 {
		return nil
	}
	f.addFigures(plainFigure(fmt.Sprintf("kill -9 amid %d orders, %d times: each carried out", f.killing, f.kills), "once"),
		plainFigure("kill -9: all are back after, the last time", "%s", formatSeconds(back[len(back)-1])))
	return nil
}

func (f *loadRun) killOnce(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, before := f.fleet.countCarried("")
	var next, answered atomic.Int64
	orders := make([]string, f.killing)
	var all sync.WaitGroup
	for range orderers {
		all.Go(func() {
			for n := next.Add(1) - 1; n < int64(f.killing); n = next.Add(1) - 1 {
				orders[n] = f.orderUntilAnswered(ctx, f.fleet.nthJob(int(n)))
				answered.Add(1)
			}
		})
	}
	err := f.awaitCondition(ctx, "half of the orders are answered", func() bool { return answered.Load() >= int64(f.killing/2) })
	killed := time.Now()
	f.server.killProcess()
	if err == nil {
		err = f.server.startProcess(ctx)
	}
	if err != nil {
		cancel()
		all.Wait()
		return 0, err
	}
	all.Wait()
	if err := f.awaitConnected(ctx); err != nil {
		return 0, err
	}
	took := time.Since(killed)
	return took, f.checkOnce(ctx, orders, before)
}

// orderUntilAnswered repeats one request until there is an answer.
func (f *loadRun) orderUntilAnswered(ctx context.Context, job string) string {
	key := uuid.NewString()
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for ctx.Err() == nil {
		if made, err := f.api.orderReleases(ctx, key, job); err == nil && len(made) == 1 {
			return made[0].ID
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
	}
	return ""
}

// checkOnce requires that the server has each order as done, that its scout has
// carried it out once, and that no others were carried out.
func (f *loadRun) checkOnce(ctx context.Context, orders []string, before int) error {
	for _, id := range orders {
		err := f.awaitCondition(ctx, "order "+id+" is done", func() bool {
			r, err := f.api.fetchRelease(ctx, id)
			return err == nil && r.State == "done"
		})
		if err != nil {
			return err
		}
		if often, _ := f.fleet.countCarried(id); often != 1 {
			return fmt.Errorf("order %s was carried out %d times", id, often)
		}
	}
	if _, all := f.fleet.countCarried(""); all != before+len(orders) {
		return fmt.Errorf("%d orders were carried out, and %d were made", all-before, len(orders))
	}
	return nil
}
