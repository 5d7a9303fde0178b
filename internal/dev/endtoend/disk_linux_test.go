package endtoend

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// fileSystem is one of its own, of a few megabytes, that a test fills up or
// looks at from below. The image is the file that it lies in.
type fileSystem struct {
	t     testing.TB
	at    string
	image string // "" for a tmpfs, which has none
}

// mountTmpfs makes one in memory.
func mountTmpfs(t testing.TB, megabytes int) *fileSystem {
	t.Helper()
	peers.NeedRoot(t)
	f := &fileSystem{t: t, at: filepath.Join(folder(t), "fs")}
	f.mount("-t", "tmpfs", "-o", "size="+strconv.Itoa(megabytes)+"m", "tmpfs")
	return f
}

// mountImage makes one in a file, by a loop device: mkfs and its arguments,
// and the options to mount it with.
func mountImage(t testing.TB, megabytes int, options string, mkfs ...string) *fileSystem {
	t.Helper()
	peers.NeedRoot(t)
	dir := folder(t)
	f := &fileSystem{t: t, at: filepath.Join(dir, "fs"), image: filepath.Join(dir, "image")}
	if err := os.WriteFile(f.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(f.image, int64(megabytes)<<20); err != nil {
		t.Fatal(err)
	}
	must(t, peers.Need(t, mkfs[0]), append(mkfs[1:], f.image)...)
	f.mount("-o", options, f.image)
	return f
}

func (f *fileSystem) mount(args ...string) {
	f.t.Helper()
	if err := os.Mkdir(f.at, 0o755); err != nil {
		f.t.Fatal(err)
	}
	if r := command(f.t, peers.Need(f.t, "mount"), append(args, f.at)...); r.code != 0 {
		peers.Missing(f.t, "mount: "+r.stderr)
	}
	f.t.Cleanup(func() { exec.Command("umount", "-l", f.at).Run() })
}

// unmount writes everything to the image.
func (f *fileSystem) unmount() {
	f.t.Helper()
	must(f.t, peers.Need(f.t, "umount"), f.at)
}

// fill leaves so many bytes, or none that a file could still have.
func (f *fileSystem) fill(leave int64) {
	f.t.Helper()
	filler, err := os.Create(f.filler())
	if err != nil {
		f.t.Fatal(err)
	}
	defer filler.Close()
	for piece := int64(1 << 20); piece > 0; {
		piece = min(piece, f.free()-leave)
		if _, err := filler.Write(make([]byte, max(piece, 0))); err != nil && !errors.Is(err, syscall.ENOSPC) {
			f.t.Fatal(err)
		} else if err != nil {
			piece /= 2
		}
	}
}

func (f *fileSystem) free() int64 {
	f.t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(f.at, &s); err != nil {
		f.t.Fatal(err)
	}
	return int64(s.Bavail) * s.Bsize
}

// empty gives the space back.
func (f *fileSystem) empty() { os.Remove(f.filler()) }

func (f *fileSystem) filler() string { return filepath.Join(f.at, "filler") }
