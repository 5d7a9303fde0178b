package tray

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

// desktop shows notifications from the icon in the panel: Windows makes them
// toasts of its own. They have no buttons; a click does what the first would
// open. The icon's window is systray's.
type desktop struct {
	log   *slog.Logger
	click func(Action)
	last  atomic.Pointer[Notice] // read by the window's thread
	watch bool                   // the window tells of clicks
}

var (
	user32       = windows.NewLazySystemDLL("user32.dll")
	shell32      = windows.NewLazySystemDLL("shell32.dll")
	findWindow   = user32.NewProc("FindWindowExW")
	ownerOf      = user32.NewProc("GetWindowThreadProcessId")
	setWindowPtr = user32.NewProc("SetWindowLongPtrW")
	callWindow   = user32.NewProc("CallWindowProcW")
	notifyIcon   = shell32.NewProc("Shell_NotifyIconW")
)

// What systray calls its window and icon (v1.12.2, systray_windows.go); the
// test under Wine sees whether that is still so.
const (
	systrayClass   = "SystrayClass"
	systrayIcon    = 100
	systrayMessage = 0x0400 + 1 // WM_USER + 1
)

// Of shellapi.h and winuser.h.
const (
	nimModify      = 1
	nifInfo        = 0x10
	niifInfo       = 0x1
	niifNoSound    = 0x10
	niifQuiet      = 0x80 // kept back while Windows is to keep quiet
	balloonClicked = 0x0405
)

// gwlpWndProc is GWLP_WNDPROC, -4.
const gwlpWndProc = ^uintptr(3)

// iconData is NOTIFYICONDATAW.
type iconData struct {
	size                uint32
	window              windows.HWND
	id, flags, callback uint32
	icon                windows.Handle
	tip                 [128]uint16
	state, stateMask    uint32
	info                [256]uint16
	timeout             uint32
	title               [64]uint16
	infoFlags           uint32
	guid                windows.GUID
	balloon             windows.Handle
}

func openDesktop(log *slog.Logger, click func(Action)) (*desktop, error) {
	return &desktop{log: log, click: click}, nil
}

// window returns the one of systray's, of this process.
func window() (windows.HWND, error) {
	class, err := windows.UTF16PtrFromString(systrayClass)
	if err != nil {
		return 0, err
	}
	for after := uintptr(0); ; {
		found, _, _ := findWindow.Call(0, after, uintptr(unsafe.Pointer(class)), 0)
		if found == 0 {
			return 0, fmt.Errorf("looking for the icon's window: there is none")
		}
		var process uint32
		ownerOf.Call(found, uintptr(unsafe.Pointer(&process)))
		if process == windows.GetCurrentProcessId() {
			return windows.HWND(found), nil
		}
		after = found
	}
}

func (d *desktop) notify(n Notice) {
	w, err := window()
	if err == nil {
		d.last.Store(&n)
		d.listen(w)
		err = balloon(w, n)
	}
	if err != nil {
		d.log.Info("a notification could not be shown", "error", err)
	}
}

func balloon(w windows.HWND, n Notice) error {
	data := iconData{window: w, id: systrayIcon, flags: nifInfo, infoFlags: niifInfo | niifQuiet}
	if n.Low {
		data.infoFlags |= niifNoSound
	}
	data.size = uint32(unsafe.Sizeof(data))
	fill(data.title[:], n.Title)
	fill(data.info[:], n.Body)
	if n.Body == "" { // without a body nothing would be shown
		fill(data.info[:], n.Title)
	}
	if ok, _, err := notifyIcon.Call(nimModify, uintptr(unsafe.Pointer(&data))); ok == 0 {
		return fmt.Errorf("asking Windows for a notification: %w", err)
	}
	return nil
}

// fill puts as much of a text as there is room for, and a zero.
func fill(room []uint16, text string) {
	units := utf16.Encode([]rune(text))
	n := copy(room[:len(room)-1], units)
	if n > 0 && n < len(units) && utf16.IsSurrogate(rune(room[n-1])) && room[n-1] < 0xdc00 {
		n-- // not half of a pair
	}
	room[n] = 0
}

// listen has clicks on notifications told, once: systray's window knows of
// none.
func (d *desktop) listen(w windows.HWND) {
	if d.watch {
		return
	}
	d.watch = true
	var former uintptr
	proc := windows.NewCallback(func(w, message, wParam, lParam uintptr) uintptr {
		if message == systrayMessage && lParam == balloonClicked {
			d.click(d.last.Load().Click)
			return 0
		}
		result, _, _ := callWindow.Call(former, w, message, wParam, lParam)
		return result
	})
	former, _, _ = setWindowPtr.Call(uintptr(w), gwlpWndProc, proc)
}

// withdraw leaves it to Windows, which shows a notification for a few seconds.
func (*desktop) withdraw(Key) {}

func (*desktop) icon(i Icon) []byte { return icoOf(i) }

// label escapes what marks the letter that chooses an entry.
func (*desktop) label(text string) string { return strings.ReplaceAll(text, "&", "&&") }

func (*desktop) started(context.Context) {}

// ended never is: Windows ends the process with the session.
func (*desktop) ended() <-chan struct{} { return nil }

func (*desktop) close() {}
