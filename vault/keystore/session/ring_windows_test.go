package session

import (
	"context"
	"testing"

	library "github.com/zalando/go-keyring"
)

// TestCredentialManager keeps a secret under a key in that of Windows.
func TestCredentialManager(t *testing.T) {
	t.Cleanup(func() { library.Delete(service, account) })
	dir := tempDir(t)
	for range 2 {
		s, err := Open(context.Background(), dir)
		must(t, err)
		must(t, s.Save("refresh", []byte("token")))
	}
	must(t, library.Delete(service, account))
	_, err := Open(context.Background(), dir)
	wantState(t, err, Lost)
}
