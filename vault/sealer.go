package vault

import (
	"fmt"
	"sync/atomic"
	"time"
)

const (
	writebackEvery = 8 << 20
	lookEvery      = 16 << 20

	slowBelow = 600 << 20 // bytes a second
	firstSkip = 3
	maxSkip   = 63

	greatFrom = 8 // segments of a document that is not great: 2 MiB
)

// sealer appends records to a job's file. One goroutine at a time owns it.
type sealer struct {
	vault    *Vault
	file     file
	records  records
	at       int64 // where the next record goes
	written  int64 // up to here, write-back has begun
	looked   int64 // up to here, the disk had space
	segments []segment
	skip     int         // segments that need not be compressed if the receiver waits
	pause    int         // what skip was at first, the last time
	awaited  atomic.Bool // the receiver had to wait for the last segment
}

// segment seals the next piece of the document.
func (s *sealer) segment(plain []byte) error {
	if len(s.segments) >= maxSegments {
		return fmt.Errorf("document: %w", ErrTooLarge)
	}
	w, err := s.vault.buffers.acquire()
	if err != nil {
		return err
	}
	defer s.vault.buffers.release(w)
	kind, plain := s.compress(w, plain)
	w.record = s.records.seal(w.record, kind, uint64(len(s.segments)), plain)
	s.segments = append(s.segments, newSegment(kind, len(plain)+tagSize))
	return s.write(w.record)
}

// compress gives what is to be encrypted: a frame in the workspace, where seal
// encrypts it in place, or the plaintext if the frame would save little. In a
// hurry and where this document compresses slowly, it stores some segments
// untried: who prints should wait for the disk, not for zstd.
func (s *sealer) compress(w *workspace, plain []byte) (recordKind, []byte) {
	if s.skip > 0 && s.hurried() {
		s.skip--
		return kindStored, plain
	}
	start := time.Now()
	w.record = w.encoder.EncodeAll(plain, w.record[:recordHeaderSize])
	slow := time.Since(start) > time.Second*time.Duration(len(plain))/slowBelow
	s.next(slow && s.hurried())
	frame := w.record[recordHeaderSize:]
	if len(frame) >= len(plain)-len(plain)/16 {
		return kindStored, plain
	}
	return kindZstd, frame
}

// hurried reports whether somebody waits: the receiver for us, or a person for a
// great document, whose printing shares the computer's cores with zstd.
func (s *sealer) hurried() bool { return s.awaited.Load() || len(s.segments) > greatFrom }

// next says how many segments after this one need not be compressed: more each
// time that there still is a hurry, and none once there is not.
func (s *sealer) next(hurry bool) {
	s.pause = min(2*s.pause+firstSkip, maxSkip)
	if !hurry {
		s.pause = 0
	}
	s.skip = s.pause
}

// record seals a record that is no segment.
func (s *sealer) record(kind recordKind, plain []byte) error {
	buf := make([]byte, 0, recordOverhead+len(plain))
	return s.write(s.records.seal(buf, kind, 0, plain))
}

func (s *sealer) write(b []byte) error {
	if s.at-s.looked >= lookEvery {
		if err := s.vault.checkSpace(); err != nil {
			return err
		}
		s.looked = s.at
	}
	n, err := s.file.Write(b)
	s.at += int64(n)
	if err != nil {
		return noteSpace(err)
	}
	if s.at-s.written >= writebackEvery {
		s.file.startWriteback(s.written, s.at-s.written)
		s.written = s.at
	}
	return nil
}

// Room reports whether a job could be taken now: nil, or ErrNoSpace when the disk
// has less free than Options.MinFree.
func (v *Vault) Room() error { return v.checkSpace() }

// checkSpace reports whether the disk has as much free as it must keep.
func (v *Vault) checkSpace() error {
	if v.minFree <= 0 {
		return nil
	}
	free, err := v.disk.free()
	if err != nil {
		return err
	}
	if free < v.minFree {
		return fmt.Errorf("%d bytes are free and %d must be: %w", free, v.minFree, ErrNoSpace)
	}
	return nil
}

// pipe seals segments in a goroutine of its own, so that the next one can be
// received meanwhile.
type pipe struct {
	sealer *sealer
	full   chan []byte
	free   chan []byte
	done   chan struct{}
	err    error // read after done
}

// pipeDepth is how many segments may wait to be sealed. With one the two ends
// run almost one after the other; more than two bring no more.
const pipeDepth = 2

func startPipe(s *sealer, b *buffers) *pipe {
	p := &pipe{sealer: s, full: make(chan []byte, pipeDepth), free: make(chan []byte, pipeDepth+1), done: make(chan struct{})}
	for range pipeDepth {
		p.free <- b.get()
	}
	go p.run()
	return p
}

func (p *pipe) run() {
	defer close(p.done)
	for plain := range p.full {
		if p.err = p.sealer.segment(plain); p.err != nil {
			return
		}
		p.free <- plain[:0]
	}
}

// swap hands over a full segment and gives an empty buffer.
func (p *pipe) swap(plain []byte) ([]byte, error) {
	select {
	case p.full <- plain:
	case <-p.done:
		return nil, p.err
	}
	select {
	case buf := <-p.free:
		p.sealer.awaited.Store(false)
		return buf, nil
	default:
		p.sealer.awaited.Store(true)
	}
	select {
	case buf := <-p.free:
		return buf, nil
	case <-p.done:
		return nil, p.err
	}
}

// stop waits until what was handed over is sealed, and gives back the buffers.
func (p *pipe) stop(b *buffers) error {
	close(p.full)
	<-p.done
	for {
		select {
		case buf := <-p.free:
			b.put(buf)
		default:
			return p.err
		}
	}
}
