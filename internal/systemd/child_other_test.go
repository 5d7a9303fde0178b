//go:build !linux

package systemd

const childVariable = "SYSTEMD_TEST_CHILD"

func runChild() int { return 1 }
