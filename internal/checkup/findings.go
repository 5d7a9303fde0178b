package checkup

import (
	"fmt"
	"slices"
	"strings"
)

// Findings collects what one checkup finds. The zero value has found nothing.
type Findings struct {
	state   State
	said    []string
	fixes   []string
	repairs []Repair
}

// Add adds something that was found, what to do about it ("" for nothing), and
// the repairs that doctor --fix makes.
func (f *Findings) Add(s State, summary, fix string, repairs ...Repair) {
	if f.state == "" || severity[s] > severity[f.state] {
		f.state = s
	}
	f.said = append(f.said, summary)
	if fix != "" && !slices.Contains(f.fixes, fix) {
		f.fixes = append(f.fixes, fix)
	}
	f.repairs = append(f.repairs, repairs...)
}

// Failed adds that the checkup could not find something out.
func (f *Findings) Failed(err error, fix string) { f.Add(Error, Sentence(err.Error()), fix) }

// Finding returns what was found, or Pass with a sentence if nothing was added.
func (f *Findings) Finding(pass string) Finding {
	if len(f.said) == 0 {
		return Finding{State: Pass, Summary: pass}
	}
	return Finding{State: f.state, Summary: strings.Join(f.said, " "), Fix: strings.Join(f.fixes, "; "), Repairs: f.repairs}
}

// Found returns a Finding without repairs.
func Found(s State, summary, fix string) Finding {
	return Finding{State: s, Summary: summary, Fix: fix}
}

// Sentence makes a sentence of an error's text: one line of printable text with
// a full stop, of at most 500 bytes.
func Sentence(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if len(text) > 500 {
		text = strings.ToValidUTF8(text[:497], "") + "..."
	}
	text = strings.TrimRight(text, ".")
	if text == "" {
		return ""
	}
	if first := text[0]; 'a' <= first && first <= 'z' {
		text = string(first-'a'+'A') + text[1:]
	}
	return text + "."
}

// Sentencef formats a sentence.
func Sentencef(format string, args ...any) string { return Sentence(fmt.Sprintf(format, args...)) }
