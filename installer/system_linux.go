package installer

import (
	"context"
	"os"
	"os/exec"
	"os/user"
	"strings"
	"time"
)

func isElevated() bool { return os.Geteuid() == 0 }

// lookUpTime is how long a directory service may take to name an account.
const lookUpTime = 10 * time.Second

// lookUpAccount asks getent(1), which also knows the shell and the accounts of a
// directory service, else the computer's own files.
func lookUpAccount(name string) (Account, bool) {
	if name == "" {
		return Account{}, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookUpTime)
	defer cancel()
	line, err := exec.CommandContext(ctx, "/usr/bin/getent", "passwd", name).Output()
	if err != nil {
		line, err = passwdLine(name)
	}
	f := strings.Split(strings.TrimSpace(string(line)), ":")
	if err != nil || len(f) != 7 {
		return Account{}, false
	}
	a, ok := accountOf(&user.User{Username: f[0], Uid: f[2], Gid: f[3], HomeDir: f[5]})
	a.Shell = f[6]
	return a, ok
}

// passwdLine returns the line of an account in /etc/passwd, nil if there is none.
func passwdLine(name string) ([]byte, error) {
	all, err := os.ReadFile("/etc/passwd")
	for line := range strings.Lines(string(all)) {
		if strings.HasPrefix(line, name+":") {
			return []byte(line), nil
		}
	}
	return nil, err
}
