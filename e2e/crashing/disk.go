//go:build linux

package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// disk knows what a power cut now would take away: all that was written since
// the last sync. Names are taken for durable at once.
type disk struct {
	mu    sync.Mutex
	files map[uint64]*file // by inode
	rand  *rand.Rand
}

// file is one that was written to.
type file struct {
	fd    int   // ours, never closed: that would drop the locks SQLite holds on the file
	size  int64 // at the last sync
	pages map[int64]*page
}

// page is one with writes that are not on the disk.
type page struct {
	was []byte // what the disk has
	// lost pages have been through a sync that failed: the kernel takes them for
	// clean, so the next sync leaves them out unless they are written again.
	lost bool
}

const (
	pageSize   = 4096
	sectorSize = 512
)

// note looks at a call that is about to happen, or to fail.
func (d *disk) note(c call, fails syscall.Errno) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var st unix.Stat_t
	if c.fd < 0 || unix.Fstat(c.fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return
	}
	f := d.file(c.fd, &st)
	switch {
	case c.nr == unix.SYS_FSYNC || c.nr == unix.SYS_FDATASYNC:
		f.sync(fails != 0, st.Size)
	case fails != 0:
	case c.nr == unix.SYS_PWRITE64:
		f.dirty(c.from, c.from+int64(c.size))
	case c.nr == unix.SYS_FTRUNCATE:
		f.dirty(c.from, st.Size)
	}
}

func (d *disk) file(fd int, st *unix.Stat_t) *file {
	f := d.files[st.Ino]
	if f == nil {
		own, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_RDWR|unix.O_CLOEXEC, 0) // theirs may only write
		if err != nil {
			panic(err)
		}
		f = &file{fd: own, size: st.Size, pages: map[int64]*page{}}
		d.files[st.Ino] = f
	}
	return f
}

func (f *file) sync(fails bool, size int64) {
	for at, p := range f.pages {
		switch {
		case fails:
			p.lost = true
		case !p.lost:
			delete(f.pages, at)
		}
	}
	if !fails {
		f.size = size
	}
}

func (f *file) dirty(from, to int64) {
	for at := from / pageSize; at*pageSize < to; at++ {
		p := f.pages[at]
		if p == nil {
			p = &page{was: make([]byte, pageSize)} // zeros behind the file's end
			if _, err := unix.Pread(f.fd, p.was, at*pageSize); err != nil {
				panic(err)
			}
			f.pages[at] = p
		}
		p.lost = false
	}
}

// cut takes away what is not on the disk: all of it, or if torn each sector and
// each file's new length by chance.
func (d *disk) cut(torn bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	gone := func() bool { return !torn || d.rand.IntN(2) == 0 }
	for _, ino := range slices.Sorted(maps.Keys(d.files)) {
		d.files[ino].lose(gone)
	}
}

// lose puts back what the disk has, in each sector and in the length that is gone.
func (f *file) lose(gone func() bool) {
	for _, at := range slices.Sorted(maps.Keys(f.pages)) {
		for from := 0; from < pageSize; from += sectorSize {
			if gone() {
				f.put(f.pages[at].was[from:from+sectorSize], at*pageSize+int64(from))
			}
		}
	}
	if len(f.pages) > 0 && gone() {
		if err := unix.Truncate(fmt.Sprintf("/proc/self/fd/%d", f.fd), f.size); err != nil {
			panic(err)
		}
	}
}

// put writes without asking us, as pwrite64 would.
func (f *file) put(b []byte, at int64) {
	if _, err := unix.Pwritev(f.fd, [][]byte{b}, at); err != nil {
		panic(err)
	}
}
