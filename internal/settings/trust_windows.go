package settings

import "errors"

// errNoFiles: on Windows policy and installer have the registry, whose keys
// below HKLM only administrators can write.
var errNoFiles = errors.New("on Windows it is not read from files")

func readTrustedFile(string, []int) ([]byte, error) { return nil, errNoFiles }

func readTrustedFolder(string, []int) ([]string, error) { return nil, errNoFiles }
