package checkups

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/printscout/printscout/internal/checkup"
)

// readSmall reads a regular file of at most that many bytes.
func readSmall(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", path)
	}
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, most)
	}
	return raw, nil
}

func (c *computer) lookAtSpace(context.Context) checkup.Finding {
	free, err := checkup.FreeBytes(c.path(c.Settings.StateDir))
	if errors.Is(err, fs.ErrNotExist) {
		return checkup.Found(checkup.Info, fmt.Sprintf("The folder of jobs, %s, is not there yet: the agent makes it.", c.Settings.StateDir), "")
	}
	if err != nil {
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), "run it again as root")
	}
	least := uint64(c.Settings.MinFreeMB) * 1_000_000
	mb := free / 1_000_000
	switch {
	case free < least:
		return checkup.Found(checkup.Fail, fmt.Sprintf("The disk of %s has %d MB left; below %d MB (the setting MinFreeMB) no job is taken.", c.Settings.StateDir, mb, c.Settings.MinFreeMB), "make room")
	case free < 2*least:
		return checkup.Found(checkup.Warn, fmt.Sprintf("The disk of %s has %d MB left; below %d MB (the setting MinFreeMB) no job is taken.", c.Settings.StateDir, mb, c.Settings.MinFreeMB), "make room soon")
	}
	return checkup.Found(checkup.Pass, fmt.Sprintf("The disk of %s has %d MB left.", c.Settings.StateDir, mb), "")
}
