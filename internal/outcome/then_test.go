package outcome

import (
	"reflect"
	"testing"
)

func TestResultOfSeveralDocuments(t *testing.T) {
	first := Result{State: Delivered, Protocol: "ipps", EvidenceLevel: "I3", PagesPrinted: new(2), FirstByteMS: 5, TotalMS: 20}
	second := Result{State: Uncertain, Reason: ReasonNoAnswer, Protocol: "ipp", EvidenceLevel: "I0", FirstByteMS: 7, TotalMS: 30}
	want := Result{State: Uncertain, Reason: ReasonNoAnswer, Protocol: "ipp", EvidenceLevel: "I0", FirstByteMS: 5, TotalMS: 50}
	if got := first.Then(second); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if got := first.Then(first); got.PagesPrinted == nil || *got.PagesPrinted != 4 || got.State != Delivered {
		t.Errorf("%+v", got)
	}
}
