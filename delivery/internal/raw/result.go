package raw

import (
	"time"
)

// Limits bound every wait; a field that is zero has its default.
type Limits struct {
	Write time.Duration // without any progress of a write, or while the printer needs a person; 10 min
	Reply time.Duration // of silence after the trailer; 90 s
	Close time.Duration // for the printer's close after ours; 90 s
}

func (l Limits) withDefaults() Limits {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{{&l.Write, 10 * time.Minute}, {&l.Reply, 90 * time.Second}, {&l.Close, 90 * time.Second}} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return l
}

// Hooks are called while Send runs and never after it has returned; nil is
// allowed. Heard is called from another goroutine than the others.
type Hooks struct {
	Began func()            // the kernel has accepted the first document byte
	Sent  func()            // and the last
	Heard func(line string) // a sentence for a person: the printer needs one, or goes on
}

func (h Hooks) withDefaults() Hooks {
	if h.Began == nil {
		h.Began = func() {}
	}
	if h.Sent == nil {
		h.Sent = func() {}
	}
	if h.Heard == nil {
		h.Heard = func(string) {}
	}
	return h
}

// The ends of a job (PJL Technical Reference, EOJ, End of Job Notification).
const (
	EndedOK       = "OK"
	EndedUser     = "USER_CANCELED"
	EndedHost     = "HOST_CANCELED"
	EndedResource = "RESOURCE_CANCELED"
)

// Result is what is known of a document that was sent.
type Result struct {
	// Bytes of the document that the kernel took. With 0, nothing can have
	// come out.
	Bytes int64
	// Whole means that the document and all that belongs to it is out.
	Whole bool
	// Level is outcome.RawTaken to RawOut, empty if the document is not whole.
	Level string
	// Ended is how the printer says the job ended, in its own word, or empty.
	Ended string
	// Pages is what the printer counted, nil if it did not say.
	Pages *int
	// Header means that the document begins with PJL of its own, which may say
	// more about how it comes out than the job does.
	Header bool
	// Early means that the printer reported a good end of the job before it had
	// been given the end of the document.
	Early bool
	// Lost is a sentence if the printer said that it lost some of the document:
	// no memory for it, or no such language. Waits is one if it still needed a
	// person when it last said anything. Both are among Evidence.
	Lost, Waits string
	// Evidence are sentences, with the printer's own words cleaned and cut.
	Evidence []string
	// Err is why the document is not known to be with the printer, nil if it
	// is: see docs/raw.md, Result.
	Err error
}
