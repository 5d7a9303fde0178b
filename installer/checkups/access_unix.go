//go:build unix

package checkups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/identity"
)

// guarded is a file or folder of the agent and the rights that nobody else may
// have on it.
type guarded struct {
	path   string
	what   string
	never  fs.FileMode // bits that must not be set
	link   bool        // a symbolic link is no fault
	byRoot bool        // it must be root's, not the agent's own
}

// serviceAccount is the account of an installed agent.
const serviceAccount = "printscout"

func (c *computer) guardedFiles() []guarded {
	config := c.SettingsFile
	all := []guarded{
		{c.Settings.StateDir, "the state folder", 0o077, false, false},
		{filepath.Dir(c.Settings.ControlPath), "the folder of the control socket", 0o022, false, false},
		{config, "the configuration", 0o022, false, true},
		{filepath.Dir(config), "the folder of the configuration", 0o022, false, true},
		{"/etc/printscout/policy.d", "the folder of policies", 0o022, false, true},
		{"/etc/printscout/installer.json", "the values of the installer", 0o022, false, true},
	}
	if c.Settings.SNMPKeysFile != "" {
		all = append(all, guarded{c.Settings.SNMPKeysFile, "the file of SNMP keys", 0o077, false, false})
	}
	return all
}

func (c *computer) lookAtAccess(context.Context) checkup.Finding {
	var f checkup.Findings
	looked := 0
	for _, g := range c.guardedFiles() {
		if g.path == "" {
			continue
		}
		g.path = c.path(g.path)
		info, err := os.Lstat(g.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, fs.ErrPermission): // so nobody else gets there either
			looked++
		case err != nil:
			f.Failed(err, "")
		default:
			looked++
			c.judgeAccess(&f, g, info)
		}
	}
	if looked == 0 {
		f.Add(checkup.Info, "None of the agent's files is there yet.", "")
	}
	return f.Finding("Only the agent and administrators can change its files, and nobody else reads its state.")
}

// judgeAccess adds what is wrong with a file's owner and mode.
func (c *computer) judgeAccess(f *checkup.Findings, g guarded, info fs.FileInfo) {
	if info.Mode()&fs.ModeSymlink != 0 {
		f.Add(checkup.Warn, fmt.Sprintf("%s, %s, is a symbolic link: whoever may change it decides where it leads.", g.path, g.what), "put a real file or folder in its place")
		return
	}
	owner := ownerOf(info)
	if !slices.Contains(c.owners(g), owner) {
		f.Add(checkup.Fail, fmt.Sprintf("%s, %s, belongs to uid %d, who can change it.", g.path, g.what, owner), "find out who made it; then sudo chown it to the right account")
	}
	if sticky := info.IsDir() && info.Mode()&fs.ModeSticky != 0; info.Mode().Perm()&g.never == 0 || sticky && g.never == 0o022 {
		return
	}
	mode := info.Mode().Perm() &^ g.never
	word := "changed"
	if g.never == 0o077 {
		word = "read or changed"
	}
	var repairs []checkup.Repair
	if slices.Contains(c.owners(g), owner) && info.Mode()&fs.ModeSticky == 0 {
		repairs = []checkup.Repair{{
			Does: fmt.Sprintf("take the rights of others on %s (chmod %04o)", g.path, mode), Root: owner != c.UID,
			Do: func(context.Context) error { return restrict(g.path, info, mode) },
		}}
	}
	f.Add(checkup.Fail, fmt.Sprintf("%s, %s, has mode %04o: others can have it %s.", g.path, g.what, info.Mode().Perm(), word),
		fmt.Sprintf("sudo chmod %04o %s", mode, g.path), repairs...)
}

// owners are the accounts that a file may belong to: root, the agent's, and the
// person's own where they run an agent of their own.
func (c *computer) owners(g guarded) []int {
	all := []int{0}
	if uid, ok := identity.UIDOf(serviceAccount); ok && !g.byRoot {
		all = append(all, uid)
	}
	if c.UID > 0 && !strings.HasPrefix(g.path, c.path("/etc/")) {
		all = append(all, c.UID)
	}
	return all
}

func ownerOf(info fs.FileInfo) int {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(s.Uid)
	}
	return -1
}

// restrict changes the mode of the very file that was looked at: no link is
// followed, and another file in its place is left alone.
func restrict(path string, was fs.FileInfo, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	defer f.Close()
	now, err := f.Stat()
	if err != nil {
		return fmt.Errorf("looking at %s: %w", path, err)
	}
	if !os.SameFile(was, now) {
		return errors.New(path + " is another file now: nothing was changed; run it again")
	}
	if err := f.Chmod(mode); err != nil {
		return fmt.Errorf("changing the mode to %s: %w", strconv.FormatUint(uint64(mode), 8), err)
	}
	return nil
}
