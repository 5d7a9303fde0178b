package local

import "os/user"

// accountName is what the computer calls the account that this process runs as.
func accountName() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}
