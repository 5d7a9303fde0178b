package vault

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"sync"
)

// memDisk is a disk in memory that can fail at any step and knows what of it would
// survive a power cut.
type memDisk struct {
	mu      sync.Mutex
	files   map[string]*memFile // as processes see them
	durable map[string]*memFile // names as of the last sync of the folder
	steps   int
	failAt  int   // the step that fails; 0 is none
	failure error // with what; errCrash fails every step after it too
	space   int64
}

type memFile struct {
	data   []byte
	synced []byte // contents as of the last Sync
}

var errCrash = errors.New("the process is dead")

// newMemDisk returns a disk with only the shred key of tests.
func newMemDisk() *memDisk {
	d := emptyMemDisk()
	b := append(testShredKey().encode(), make([]byte, pageSize)...)
	d.files[shredName] = &memFile{data: b, synced: slices.Clone(b)}
	d.durable[shredName] = d.files[shredName]
	return d
}

func emptyMemDisk() *memDisk {
	return &memDisk{files: map[string]*memFile{}, durable: map[string]*memFile{}, space: 1 << 40}
}

// testShredKey returns the shred key of testdata.
func testShredKey() shredKey {
	return shredKey{generation: 9, secret: [shredKeySize]byte(bytes.Repeat([]byte{0x53}, shredKeySize))}
}

func testShreds() *shredKeys { return &shredKeys{pages: [2]shredKey{testShredKey()}} }

// fileNamesLeft returns the names of the files without that of the shred keys.
func (d *memDisk) fileNamesLeft() (names []string) {
	for name := range d.files {
		if name != shredName {
			names = append(names, name)
		}
	}
	return names
}

func (d *memDisk) putFile(name string, b []byte) {
	d.files[name] = &memFile{data: slices.Clone(b)}
}

func (d *memDisk) fileContents(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f := d.files[name]; f != nil {
		return slices.Clone(f.data)
	}
	return nil
}

// afterCrash returns the disks that are possible after a kill or a power cut: names
// and contents, each as written or as flushed.
func (d *memDisk) afterCrash() map[string]*memDisk {
	d.mu.Lock()
	defer d.mu.Unlock()
	written := func(f *memFile) []byte { return f.data }
	flushed := func(f *memFile) []byte { return f.synced }
	return map[string]*memDisk{
		"kill":                              copyDisk(d.files, written),
		"power cut":                         copyDisk(d.durable, flushed),
		"power cut, contents written early": copyDisk(d.durable, written),
		"power cut, names written early":    copyDisk(d.files, flushed),
	}
}

func copyDisk(files map[string]*memFile, contents func(*memFile) []byte) *memDisk {
	d := emptyMemDisk()
	for name, f := range files {
		d.putFile(name, contents(f))
	}
	return d
}

// countStep counts the changes of the disk, and fails at the chosen one.
func (d *memDisk) countStep() error {
	d.steps++
	if d.steps == d.failAt || d.steps > d.failAt && d.failAt > 0 && errors.Is(d.failure, errCrash) {
		return d.failure
	}
	return nil
}

func (d *memDisk) locked(change func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.countStep(); err != nil {
		return err
	}
	return change()
}

func (d *memDisk) fileNames() (names []string, err error) {
	err = d.locked(func() error {
		for name := range d.files {
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

func (d *memDisk) createFile(name string) (file, error) {
	f := &memFile{}
	err := d.locked(func() error { d.files[name] = f; return nil })
	return memHandle{d, f}, err
}

func (d *memDisk) openFile(name string) (file, error) {
	var f *memFile
	err := d.locked(func() error {
		if f = d.files[name]; f == nil {
			return fs.ErrNotExist
		}
		return nil
	})
	return memHandle{d, f}, err
}

func (d *memDisk) openForUpdate(name string) (file, error) { return d.openFile(name) }

func (d *memDisk) renameFile(from, to string) error {
	return d.locked(func() error {
		if d.files[from] == nil {
			return fs.ErrNotExist
		}
		d.files[to] = d.files[from]
		delete(d.files, from)
		return nil
	})
}

func (d *memDisk) removeFile(name string) error {
	return d.locked(func() error {
		if d.files[name] == nil {
			return fs.ErrNotExist
		}
		delete(d.files, name)
		return nil
	})
}

func (d *memDisk) syncFolder() error {
	return d.locked(func() error {
		clear(d.durable)
		for name, f := range d.files {
			d.durable[name] = f
		}
		return nil
	})
}

func (d *memDisk) freeSpace() (space int64, err error) {
	err = d.locked(func() error { space = d.space; return nil })
	return space, err
}

func (d *memDisk) close() error { return nil }

type memHandle struct {
	disk *memDisk
	f    *memFile
}

// Write writes half if it fails.
func (h memHandle) Write(p []byte) (int, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	err := h.disk.countStep()
	if err != nil {
		p = p[:len(p)/2]
	}
	h.f.data = append(h.f.data, p...)
	h.disk.space -= int64(len(p))
	return len(p), err
}

func (h memHandle) WriteAt(p []byte, at int64) (int, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	err := h.disk.countStep()
	if err != nil {
		p = p[:len(p)/2]
	}
	h.f.data = slices.Clone(h.f.data)
	if grow := int(at) + len(p) - len(h.f.data); grow > 0 {
		h.f.data = append(h.f.data, make([]byte, grow)...)
	}
	return copy(h.f.data[at:], p), err
}

func (h memHandle) ReadAt(p []byte, at int64) (int, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if err := h.disk.countStep(); err != nil {
		return 0, err
	}
	if at > int64(len(h.f.data)) {
		return 0, io.EOF
	}
	return bytes.NewReader(h.f.data).ReadAt(p, at)
}

func (h memHandle) Sync() error {
	return h.disk.locked(func() error { h.f.synced = slices.Clone(h.f.data); return nil })
}

func (h memHandle) Size() (int64, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	return int64(len(h.f.data)), h.disk.countStep()
}

func (h memHandle) Close() error { return nil }

func (h memHandle) startWriteback(int64, int64) {}
