package systemd

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestSocketNames(t *testing.T) {
	many := strings.Repeat("x:", maxSockets) + "x"
	for _, c := range []struct {
		pid, fds, names string
		want            string
		fails           bool
	}{
		{"7", "2", "ipp:ipp", "ipp ipp", false},
		{"7", "2", "", "unknown unknown", false},
		{"7", "0", "", "", false},
		{"", "", "", "", false},
		{"8", "2", "ipp:ipp", "", false},
		{"7x", "2", "ipp:ipp", "", false},
		{"8", "nonsense", "", "", false},
		{"7", "", "", "", true},
		{"7", "-1", "", "", true},
		{"7", "2", "ipp", "", true},
		{"7", "0", "ipp", "", true},
		{"7", "17", many, "", true},
		{"7", "99999999999999999999", "", "", true},
	} {
		names, err := socketNames(c.pid, c.fds, c.names, 7)
		if strings.Join(names, " ") != c.want || (err != nil) != c.fails || err != nil && !errors.Is(err, errSockets) {
			t.Errorf("%+v: %q, %v", c, names, err)
		}
	}
}

func FuzzSocketNames(f *testing.F) {
	f.Add("2", "ipp:ipp")
	f.Add("16", "")
	f.Fuzz(func(t *testing.T, fds, names string) {
		of, err := socketNames("7", fds, names, 7)
		if len(of) > maxSockets || err != nil && len(of) > 0 {
			t.Errorf("%q, %v", of, err)
		}
	})
}

func TestNotifierFromEnvironment(t *testing.T) {
	pid := strconv.Itoa(os.Getpid())
	for _, c := range []struct {
		socket, pid, period string
		asked               bool
		watchdog            time.Duration
	}{
		{"", "", "", false, 0},
		{"", pid, "1000000", false, 0},
		{"/run/x", "", "", true, 0},
		{"/run/x", pid, "1000000", true, time.Second},
		{"/run/x", "", "1000000", true, time.Second},
		{"/run/x", "1", "1000000", true, 0},
		{"/run/x", pid, "0", true, 0},
		{"/run/x", pid, "-1", true, 0},
		{"/run/x", pid, "9223372036854775807", true, 0},
		{"/run/x", pid, "x", true, 0},
	} {
		t.Setenv("NOTIFY_SOCKET", c.socket)
		t.Setenv("WATCHDOG_PID", c.pid)
		t.Setenv("WATCHDOG_USEC", c.period)
		n := NewNotifier()
		if n.IsAsked() != c.asked || n.watchdog != c.watchdog {
			t.Errorf("%+v: %v, %s", c, n.IsAsked(), n.watchdog)
		}
		for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"} {
			if _, there := os.LookupEnv(name); there {
				t.Errorf("%s is still there for children", name)
			}
		}
	}
}

func TestNothingIsToldWhereNobodyAsked(t *testing.T) {
	n := &Notifier{}
	if err := errors.Join(n.Ready(), n.Stopping()); err != nil {
		t.Error(err)
	}
	n.Watch(t.Context(), func() { t.Error("asked whether it is alive") }, nil)
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		lost := errors.New("lost")
		n := &Notifier{watchdog: time.Minute, send: func(state string) error {
			told = append(told, state)
			return lost
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 95*time.Second)
		defer cancel()
		checks, failures := 0, 0
		n.Watch(ctx, func() { checks++ }, func(err error) {
			if errors.Is(err, lost) {
				failures++
			}
		})
		if want := slices.Repeat([]string{"WATCHDOG=1"}, 3); !slices.Equal(told, want) || checks != 3 || failures != 3 {
			t.Errorf("told %q, checked %d times, failed %d times", told, checks, failures)
		}
	})
}

func TestMain(m *testing.M) {
	if _, child := os.LookupEnv(childVariable); child {
		os.Exit(runChild())
	}
	goleak.VerifyTestMain(m)
}
