package identity

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

var getExtendedTCPTable = windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetExtendedTcpTable")

const (
	tableOwnerModuleAll = 8 // TCP_TABLE_OWNER_MODULE_ALL
	tableLimit          = 32 << 20
)

// processOf finds the owner's process id, opens that process, so that the id
// cannot become another's, and asks again: only then is it the owner.
func processOf(ctx context.Context, c connectionEnds) (Process, error) {
	now := fileTime(time.Now())
	row, err := findRow(ctx, c)
	if err != nil {
		return Process{}, err
	}
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, row.pid)
	if err != nil {
		return Process{}, fmt.Errorf("opening the process: %w", err)
	}
	defer windows.CloseHandle(h)
	started, err := startOf(h)
	if err != nil {
		return Process{}, fmt.Errorf("asking when the process started: %w", err)
	}
	again, err := findRow(ctx, c)
	if err != nil {
		return Process{}, err
	}
	if again != row || !row.mayBelongTo(started, now) {
		return Process{}, errGone
	}
	return describeProcess(h)
}

// uidOfEnds asks all that processOf does. Only the lookup of a domain account's
// name waits for another computer.
func uidOfEnds(ctx context.Context, c connectionEnds) (string, error) {
	p, err := processOf(ctx, c)
	return p.UID, err
}

// findRow looks for an IPv4 connection among the IPv6 sockets too: a program may
// have opened its socket for both.
func findRow(ctx context.Context, c connectionEnds) (tcpRow, error) {
	if c.own.Addr().Is4() {
		if row, err := readTable(ctx, windows.AF_INET, tcpRow4, c); !errors.Is(err, errGone) {
			return row, err
		}
	}
	return readTable(ctx, windows.AF_INET6, tcpRow6, c)
}

// readTable asks until the buffer is large enough: the table may grow meanwhile.
func readTable(ctx context.Context, family uint32, l tableLayout, c connectionEnds) (tcpRow, error) {
	size := uint32(64 << 10)
	for range 8 {
		if err := ctx.Err(); err != nil {
			return tcpRow{}, err
		}
		if size > tableLimit {
			break
		}
		b := make([]uint64, size/8+1) // rows hold numbers of 8 bytes
		size = uint32(len(b) * 8)
		r, _, _ := getExtendedTCPTable.Call(uintptr(unsafe.Pointer(&b[0])), uintptr(unsafe.Pointer(&size)), 0, uintptr(family), tableOwnerModuleAll, 0)
		switch windows.Errno(r) {
		case windows.ERROR_SUCCESS:
			return parseTCPTable(unsafe.Slice((*byte)(unsafe.Pointer(&b[0])), len(b)*8), l, c)
		case windows.ERROR_INSUFFICIENT_BUFFER:
			size += size / 4
		default:
			return tcpRow{}, fmt.Errorf("asking for the table of connections: %w", windows.Errno(r))
		}
	}
	return tcpRow{}, errors.New("the table of connections is too large")
}

func startOf(process windows.Handle) (uint64, error) {
	var started, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(process, &started, &exited, &kernel, &user); err != nil {
		return 0, err
	}
	return uint64(started.HighDateTime)<<32 | uint64(started.LowDateTime), nil
}

func fileTime(t time.Time) uint64 {
	f := windows.NsecToFiletime(t.UnixNano())
	return uint64(f.HighDateTime)<<32 | uint64(f.LowDateTime)
}

// describeProcess returns the identity of a process, from its image and its token.
func describeProcess(process windows.Handle) (Process, error) {
	image, err := imageOf(process)
	if err != nil {
		return Process{}, fmt.Errorf("asking for the program: %w", err)
	}
	var token windows.Token
	if err := windows.OpenProcessToken(process, windows.TOKEN_QUERY, &token); err != nil {
		return Process{}, fmt.Errorf("opening the token: %w", err)
	}
	defer token.Close()
	u, err := token.GetTokenUser()
	if err != nil {
		return Process{}, fmt.Errorf("asking for the user: %w", err)
	}
	system := u.User.Sid.IsWellKnown(windows.WinLocalSystemSid)
	return Process{
		Peer: Peer{
			UID:   u.User.Sid.String(),
			Name:  accountName(u.User.Sid),
			Admin: isAdmin(u.User.Sid, token),
		},
		Spooler: system && isSpoolerImage(image),
		Program: filepath.Base(image),
	}, nil
}

func imageOf(process windows.Handle) (string, error) {
	b := make([]uint16, windows.MAX_LONG_PATH)
	n := uint32(len(b))
	if err := windows.QueryFullProcessImageName(process, 0, &b[0], &n); err != nil {
		return "", err
	}
	return windows.UTF16ToString(b[:n]), nil
}

// isSpoolerImage compares the whole path: only the system writes to its folder.
func isSpoolerImage(image string) bool {
	dir, err := windows.GetSystemDirectory()
	return err == nil && strings.EqualFold(image, filepath.Join(dir, "spoolsv.exe"))
}

func accountName(sid *windows.SID) string {
	account, domain, _, err := sid.LookupAccount("")
	if err != nil {
		return ""
	}
	return domain + `\` + account
}

// isAdmin reports whether the user of a token administers this computer.
func isAdmin(user *windows.SID, token windows.Token) bool {
	return user.IsWellKnown(windows.WinLocalSystemSid) || isOwnUser(user) || isAdministrator(token)
}

// isOwnUser reports whether an account is this process's. It returns false for
// accounts that all kinds of services share.
func isOwnUser(sid *windows.SID) bool {
	if sid.IsWellKnown(windows.WinLocalServiceSid) || sid.IsWellKnown(windows.WinNetworkServiceSid) {
		return false
	}
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	return err == nil && windows.EqualSid(u.User.Sid, sid)
}

// isAdministrator requires the group to be enabled: in the token of a process that
// is not elevated it only serves to deny.
func isAdministrator(token windows.Token) bool {
	groups, err := token.GetTokenGroups()
	if err != nil {
		return false
	}
	for _, g := range groups.AllGroups() {
		if g.Attributes&windows.SE_GROUP_ENABLED != 0 && g.Sid.IsWellKnown(windows.WinBuiltinAdministratorsSid) {
			return true
		}
	}
	return false
}
