package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestRoff(t *testing.T) {
	for in, want := range map[string]string{
		"plain":            "plain\n",
		"--json":           `\-\-json` + "\n",
		".hidden begins":   `\&.hidden begins` + "\n",
		"'quoted' is":      `\(aqquoted\(aq is` + "\n",
		`C:\ProgramData`:   `C:\eProgramData` + "\n",
		`the "x"`:          `the \(dqx\(dq` + "\n",
		"one\n\ntwo":       "one\n.PP\ntwo\n",
		"~/.config and `x": `\(ti/.config and \(gax` + "\n",
	} {
		if got := roffText(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestManPage(t *testing.T) {
	root := &cobra.Command{Use: "example", Short: "An example"}
	sub := &cobra.Command{Use: "show ID", Short: "Show one", Example: "  example show 1\n  .example", RunE: func(*cobra.Command, []string) error { return nil }}
	sub.Annotations = Exits{Done: "it is shown", Part: "half of it"}.Annotations()
	sub.Flags().String("file", "", "a `FILE` of .it")
	sub.Flags().Bool("secret", false, "not for all")
	sub.Flags().MarkHidden("secret")
	root.PersistentFlags().String("control", "", "which `PATH`")
	root.AddCommand(sub)
	Prepare(root)
	page := manPage(sub)
	for _, want := range []string{
		".TH \"EXAMPLE\\-SHOW\" 1 ", "example\\-show \\- Show one\n", ".B example show ID [flags]\n",
		".TP\n\\fB\\-\\-file\\fR \\fIFILE\\fR\na FILE of .it\n", "\\fB\\-h\\fR, \\fB\\-\\-help\\fR\n", "\\fB\\-\\-control\\fR \\fIPATH\\fR\n",
		".EX\n  example show 1\n  .example\n.EE\n", ".TP\n.B 3\nhalf of it\n", ".BR example (1)\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.Contains(page, "secret") || strings.Contains(page, ".SH COMMANDS") {
		t.Errorf("too much in\n%s", page)
	}
}

// TestManPagesOfATree writes a page for each command but help.
func TestManPagesOfATree(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "man1")
	root := example.NewRoot()
	root.SetArgs([]string{"generate", "man", dir})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"example.1": true, "example-job-list.1": true, "example-generate-man.1": true, "example-help.1": false, "example-completion.1": false} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
