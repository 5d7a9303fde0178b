package identity

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

// nameSource counts how often it is asked.
type nameSource struct {
	asked int
	say   string
	now   time.Time
}

func (s *nameSource) names() *nameCache {
	return newNameCache(func(context.Context, int) string { s.asked++; return s.say }, func() time.Time { return s.now })
}

func TestNamesAreKeptForAMinute(t *testing.T) {
	s := &nameSource{say: "alice", now: time.Unix(1000, 0)}
	n := s.names()
	for step, v := range []struct {
		later time.Duration
		say   string
		want  string
		asked int
	}{
		{0, "alice", "alice", 1},
		{59 * time.Second, "bob", "alice", 1},
		{time.Second, "bob", "bob", 2},
		{-time.Hour, "carol", "carol", 3}, // the clock was set back
		{time.Minute, "", "", 4},
		{time.Second, "dave", "", 4}, // nobody is kept too
	} {
		s.now, s.say = s.now.Add(v.later), v.say
		if got := n.lookUpName(t.Context(), 4711); got != v.want || s.asked != v.asked {
			t.Errorf("step %d: %q after %d questions", step, got, s.asked)
		}
	}
}

func TestNamesAreFew(t *testing.T) {
	s := &nameSource{say: "x"}
	n := s.names()
	for uid := range 3 * namesLimit {
		n.lookUpName(t.Context(), uid)
		if len(n.known) > namesLimit {
			t.Fatalf("%d names kept", len(n.known))
		}
	}
}

func TestNamesWaitNoLongerThanTheCaller(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	n := newNameCache(func(context.Context, int) string { close(asked); <-answer; return "slow" }, time.Now)
	var wg sync.WaitGroup
	wg.Go(func() {
		if got := n.lookUpName(context.Background(), 1); got != "slow" {
			t.Errorf("the first is told %q", got)
		}
	})
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := n.lookUpName(ctx, 2); got != "" {
		t.Errorf("got %q", got)
	}
	close(answer)
	wg.Wait()
}

func TestNamesOfAnEndedQuestionAreNotKept(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := newNameCache(func(context.Context, int) string { cancel(); return "half" }, time.Now)
	if got := n.lookUpName(ctx, 1); got != "" || len(n.known) != 0 {
		t.Errorf("got %q, kept %d", got, len(n.known))
	}
}

func TestNamesOfManyAtOnce(t *testing.T) {
	n := newNameCache(func(_ context.Context, uid int) string { return fmt.Sprint("u", uid) }, time.Now)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if got := n.lookUpName(context.Background(), i%7); got != fmt.Sprint("u", i%7) {
				t.Errorf("%d is %q", i%7, got)
			}
		})
	}
	wg.Wait()
}
