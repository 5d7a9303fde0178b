//go:build unix

package identity

import (
	"context"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"time"
)

// nameOf looks the user up in the computer's own files and, if they do not have
// it, with getent(1), which also asks a directory service (nsswitch.conf). The
// answer is cached for a minute, so that connections cannot make us start a
// program each.
func nameOf(ctx context.Context, uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return directoryNames.lookUpName(ctx, uid)
}

var directoryNames = newNameCache(getent, time.Now)

func getent(ctx context.Context, uid int) string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "getent", "passwd", strconv.Itoa(uid)).Output()
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(string(out), ":")
	return name
}

// UIDOf returns the uid of the named user; ok is false if there is none.
func UIDOf(name string) (uid int, ok bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return 0, false
	}
	uid, err = strconv.Atoi(u.Uid)
	return uid, err == nil
}

// isLocalUID reports whether the computer's own files have the account of a uid.
// Unlike nameOf it does not wait for a directory service.
func isLocalUID(uid string) bool {
	if uid == "0" || uid == strconv.Itoa(os.Geteuid()) {
		return true
	}
	_, err := user.LookupId(uid)
	return err == nil
}
