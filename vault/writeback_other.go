//go:build !linux

package vault

import "os"

func startWriteback(*os.File, int64, int64) {}
