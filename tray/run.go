//go:build cgo || !darwin

package tray

import (
	"context"
	"log"
	"log/slog"
	"strings"

	"fyne.io/systray"
)

// Run shows the tray until ctx, the session or the person ends it. It has to
// be called by the main goroutine, once. Errors are ErrNoDesktop and, where the
// session has a tray already, ErrRunning.
func Run(ctx context.Context, c Config) error {
	log.SetFlags(0)
	log.SetOutput(libraryLog{c.Log})
	a := newApp(c)
	d, err := openDesktop(c.Log, a.click)
	if err != nil {
		return err
	}
	defer d.close()
	release, err := alone()
	if err != nil {
		return err
	}
	defer release()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	screen := newScreen(d, a.click)
	systray.SetTitle(c.Texts.Say("tray.name")) // also its id on D-Bus
	screen.dress(a.shown)                      // on Linux it is looked at while systray starts
	systray.Run(func() {
		screen.icon, screen.text = -1, ""
		screen.Show(a.shown)
		go func() {
			defer close(done)
			defer systray.Quit()
			d.started(ctx)
			a.run(ctx, screen)
		}()
		go func() {
			select {
			case <-d.ended():
				c.Log.Info("the session has ended")
				cancel()
			case <-ctx.Done():
			}
		}()
	}, func() {})
	cancel()
	<-done
	return nil
}

// libraryLog takes what systray writes to the standard log.
type libraryLog struct{ log *slog.Logger }

func (l libraryLog) Write(b []byte) (int, error) {
	l.log.Debug("systray", "said", strings.TrimSpace(string(b)))
	return len(b), nil
}

// screen shows views by systray.
type screen struct {
	*desktop
	slots slots
	root  branch
	icon  Icon
	text  string
	click func(Action)
}

func newScreen(d *desktop, click func(Action)) *screen {
	return &screen{desktop: d, icon: -1, root: branch{entry: top{d}}, click: click}
}

// Show makes icon and menu as a view says.
func (s *screen) Show(v View) {
	s.dress(v)
	s.root.set(s.slots.place(v.Menu), s.click)
}

// dress sets the icon and its text.
func (s *screen) dress(v View) {
	if v.Icon != s.icon {
		s.icon = v.Icon
		systray.SetIcon(s.desktop.icon(v.Icon))
	}
	if v.Tooltip != s.text {
		s.text = v.Tooltip
		systray.SetTooltip(short(v.Tooltip, maxTooltip))
	}
}

// maxTooltip is what Windows has room for, with a zero at the end.
const maxTooltip = 127

func (s *screen) Notify(n Notice) { s.notify(n) }

func (s *screen) Withdraw(k Key) { s.withdraw(k) }

// top is the menu itself.
type top struct{ desktop *desktop }

func (t top) add(title string) entry {
	return &line{systray.AddMenuItem(t.desktop.label(title), ""), t.desktop}
}

func (t top) separate() { systray.AddSeparator() }

func (top) rename(string)           {}
func (top) enable(bool)             {}
func (top) show(bool)               {}
func (top) remove()                 {}
func (top) clicks() <-chan struct{} { return nil }

// line is an entry of systray's menu.
type line struct {
	*systray.MenuItem
	desktop *desktop
}

func (l *line) add(title string) entry {
	return &line{l.AddSubMenuItem(l.desktop.label(title), ""), l.desktop}
}

func (l *line) separate() { l.AddSeparator() }

func (l *line) rename(title string) { l.SetTitle(l.desktop.label(title)) }

func (l *line) enable(on bool) {
	if on == !l.Disabled() {
		return
	}
	if on {
		l.Enable()
	} else {
		l.Disable()
	}
}

func (l *line) show(on bool) {
	if on {
		l.Show()
	} else {
		l.Hide()
	}
}

// remove leaves the channel open: systray would close it, and panic where
// somebody clicks at that moment.
func (l *line) remove() {
	l.ClickedCh = nil
	l.Remove()
}

func (l *line) clicks() <-chan struct{} { return l.ClickedCh }
