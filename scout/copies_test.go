package scout

import "testing"

// Copies that a document asks for itself are told to the delivery, which does
// not ask for them again.
func TestCopiesInTheDocument(t *testing.T) {
	r := newRig(t)
	plain := threeDocuments()[0]
	wrapped := append([]byte("\x1b%-12345X@PJL JOB\r\n@PJL SET QTY=3\r\n@PJL ENTER LANGUAGE=PDF\r\n"), plain...)
	for want, doc := range map[int][]byte{0: plain, 3: wrapped} {
		j, ok := r.table.jobByID(r.parkJob(alice, doc))
		if d := r.deliveryDocument(j, 0); !ok || d.Copies != want {
			t.Errorf("%d copies, want %d", d.Copies, want)
		}
	}
}
