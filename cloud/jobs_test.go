package cloud

import "testing"

// FuzzPlace wants every place that is understood to be named the same again.
func FuzzPlace(f *testing.F) {
	for _, text := range []string{"", "*", listPosition{}.String(), listPosition{created: -1, id: "a b"}.String(), "eHh4"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePosition(text)
		if err != nil {
			return
		}
		if again, err := parsePosition(p.String()); err != nil || again != p {
			t.Errorf("%q is %+v, and then %+v, %v", text, p, again, err)
		}
	})
}
