package clitest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
)

// Walk calls f for every command of a tree.
func Walk(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range c.Commands() {
		Walk(sub, f)
	}
}

// CheckTree requires of every command that it says what it does, does something,
// declares only known exit statuses, and shows them in its help.
func CheckTree(t *testing.T, newRoot func() *cobra.Command) {
	t.Helper()
	Walk(newRoot(), func(c *cobra.Command) {
		if c.Short == "" || c.RunE == nil {
			t.Errorf("%s says or does nothing", c.CommandPath())
		}
		help := helpOf(t, newRoot(), c)
		exits := cli.ExitsOf(c)
		if exits[cli.Done] == "" || exits[cli.Usage] == "" {
			t.Errorf("%s does not say when it is done or used wrongly", c.CommandPath())
		}
		for code, when := range exits {
			if !cli.IsExitStatus(code) || when == "" {
				t.Errorf("%s: exit status %d is not known, or not explained", c.CommandPath(), code)
			}
			if line := fmt.Sprintf("\n  %-3d %s\n", code, when); !strings.Contains(help, line) {
				t.Errorf("%s --help does not show %q", c.CommandPath(), line)
			}
		}
	})
}

func helpOf(t *testing.T, root, c *cobra.Command) string {
	t.Helper()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(append(strings.Fields(c.CommandPath())[1:], "--help"))
	if err := root.Execute(); err != nil {
		t.Errorf("%s --help: %v", c.CommandPath(), err)
	}
	return out.String()
}
