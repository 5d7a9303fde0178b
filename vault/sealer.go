package vault

import (
	"fmt"
	"sync/atomic"
	"time"
)

const (
	writebackEvery = 8 << 20
	checkEvery     = 16 << 20

	slowBelow = 600 << 20 // bytes a second
	firstSkip = 3
	maxSkip   = 63

	largeFrom = 8 // segments of a document that is not large: 2 MiB
)

// sealer appends records to a job's file. One goroutine at a time owns it.
type sealer struct {
	vault    *Vault
	file     file
	records  records
	at       int64 // where the next record goes
	written  int64 // write-back has begun up to here
	checked  int64 // free space was checked when the file ended here
	segments []segment
	skip     int         // segments to store without trying to compress them, while in a hurry
	pause    int         // the last value that skip was set to
	awaited  atomic.Bool // the receiver had to wait for the last segment
}

// sealSegment appends the next segment of the document.
func (s *sealer) sealSegment(plain []byte) error {
	if len(s.segments) >= maxSegments {
		return fmt.Errorf("document: %w", ErrTooLarge)
	}
	w, err := s.vault.buffers.acquireWorkspace()
	if err != nil {
		return err
	}
	defer s.vault.buffers.releaseWorkspace(w)
	kind, plain := s.compressSegment(w, plain)
	w.record = s.records.sealRecord(w.record, kind, uint64(len(s.segments)), plain)
	s.segments = append(s.segments, newSegment(kind, len(plain)+tagSize))
	return s.appendBytes(w.record)
}

// compressSegment returns what is to be encrypted: a frame in the workspace,
// where sealRecord encrypts it in place, or the plaintext if the frame would save
// little. In a hurry, and if this document compresses slowly, it does not try to
// compress some segments: printing should wait for the disk, not for zstd.
func (s *sealer) compressSegment(w *workspace, plain []byte) (recordKind, []byte) {
	if s.skip > 0 && s.isHurried() {
		s.skip--
		return kindStored, plain
	}
	start := time.Now()
	w.record = w.encoder.EncodeAll(plain, w.record[:recordHeaderSize])
	slow := time.Since(start) > time.Second*time.Duration(len(plain))/slowBelow
	s.planSkips(slow && s.isHurried())
	frame := w.record[recordHeaderSize:]
	if len(frame) >= len(plain)-len(plain)/16 {
		return kindStored, plain
	}
	return kindZstd, frame
}

// isHurried reports whether sealing holds something up: the receiver waits for
// it, or the document is large, and the program that prints it shares the
// computer's cores with zstd.
func (s *sealer) isHurried() bool { return s.awaited.Load() || len(s.segments) > largeFrom }

// planSkips sets how many segments after this one are not compressed: more each
// time that the sealer is still in a hurry, and none once it is not.
func (s *sealer) planSkips(hurry bool) {
	s.pause = min(2*s.pause+firstSkip, maxSkip)
	if !hurry {
		s.pause = 0
	}
	s.skip = s.pause
}

// writeRecord appends a record other than a segment.
func (s *sealer) writeRecord(kind recordKind, plain []byte) error {
	buf := make([]byte, 0, recordOverhead+len(plain))
	return s.appendBytes(s.records.sealRecord(buf, kind, 0, plain))
}

func (s *sealer) appendBytes(b []byte) error {
	if s.at-s.checked >= checkEvery {
		if err := s.vault.CheckSpace(); err != nil {
			return err
		}
		s.checked = s.at
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

// CheckSpace returns ErrNoSpace if the disk has less free than Options.MinFree,
// so that no job can be taken now.
func (v *Vault) CheckSpace() error {
	least := v.minFree.Load()
	if least <= 0 {
		return nil
	}
	free, err := v.disk.freeSpace()
	if err != nil {
		return err
	}
	if free < least {
		return fmt.Errorf("%d bytes are free and %d must be: %w", free, least, ErrNoSpace)
	}
	return nil
}

// SetMinFree changes Options.MinFree.
func (v *Vault) SetMinFree(bytes int64) { v.minFree.Store(bytes) }

// segmentPipe seals segments in a goroutine of its own, so that the next one can
// be received meanwhile.
type segmentPipe struct {
	sealer *sealer
	full   chan []byte
	free   chan []byte
	done   chan struct{}
	err    error // read after done
}

// pipeDepth is how many segments may wait to be sealed. With one, receiving and
// sealing almost take turns; more than two gain nothing.
const pipeDepth = 2

func startSegmentPipe(s *sealer, b *buffers) *segmentPipe {
	p := &segmentPipe{sealer: s, full: make(chan []byte, pipeDepth), free: make(chan []byte, pipeDepth+1), done: make(chan struct{})}
	for range pipeDepth {
		p.free <- b.takeSegment()
	}
	go p.sealSegments()
	return p
}

func (p *segmentPipe) sealSegments() {
	defer close(p.done)
	for plain := range p.full {
		if p.err = p.sealer.sealSegment(plain); p.err != nil {
			return
		}
		p.free <- plain[:0]
	}
}

// swapSegment hands over a full segment and returns an empty buffer.
func (p *segmentPipe) swapSegment(plain []byte) ([]byte, error) {
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

// stop waits until the segments handed over are sealed, and gives back the
// buffers.
func (p *segmentPipe) stop(b *buffers) error {
	close(p.full)
	<-p.done
	for {
		select {
		case buf := <-p.free:
			b.giveBackSegment(buf)
		default:
			return p.err
		}
	}
}
