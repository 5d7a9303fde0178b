package vault

import (
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// defaultSegmentLog makes segments of 256 KiB: as fast as 1 MiB, with a quarter
// of the memory for each job that is being received.
const defaultSegmentLog = 18

// buffers is the memory that writers and documents share, so that many of them
// at once need little.
type buffers struct {
	plain   sync.Pool // *[]byte that can hold one segment
	sealing chan *workspace
	decoder func() (*zstd.Decoder, error)
	size    int
}

// workspace is what it takes to seal a segment besides its plaintext. There are
// as many as can be busy at once; each is made when first used.
type workspace struct {
	encoder *zstd.Encoder
	record  []byte
}

func newBuffers(segmentLog uint8) *buffers {
	size := 1 << segmentLog
	b := &buffers{size: size, sealing: make(chan *workspace, min(max(2, runtime.GOMAXPROCS(0)), 8))}
	b.plain.New = func() any { p := make([]byte, 0, size); return &p }
	for range cap(b.sealing) {
		b.sealing <- nil
	}
	b.decoder = sync.OnceValues(newDecoder)
	return b
}

// takeSegment returns an empty buffer that can hold one segment.
func (b *buffers) takeSegment() []byte { return *b.plain.Get().(*[]byte) }

// giveBackSegment clears a buffer and makes it available again.
func (b *buffers) giveBackSegment(p []byte) {
	if cap(p) < b.size {
		return
	}
	clear(p[:cap(p)])
	p = p[:0]
	b.plain.Put(&p)
}

// acquireWorkspace waits for a workspace; releaseWorkspace gives it back.
func (b *buffers) acquireWorkspace() (*workspace, error) {
	w := <-b.sealing
	if w != nil {
		return w, nil
	}
	w, err := b.newWorkspace()
	if err != nil {
		b.sealing <- nil
	}
	return w, err
}

func (b *buffers) releaseWorkspace(w *workspace) { b.sealing <- w }

func (b *buffers) newWorkspace() (*workspace, error) {
	e, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true),
		zstd.WithWindowSize(b.size),
		zstd.WithSingleSegment(true),
		zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	return &workspace{encoder: e, record: make([]byte, 0, b.size+b.size/64+1024)}, nil
}

func newDecoder() (*zstd.Decoder, error) {
	return zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(2),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(1<<maxSegmentLog),
		zstd.WithDecodeAllCapLimit(true))
}
