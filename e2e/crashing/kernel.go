//go:build linux

package main

import (
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What the kernel hands us before it happens: all that changes a file. write(2)
// is left out, for Go's runtime wakes its threads with it, also ours.
var watched = []uint32{
	unix.SYS_PWRITE64, unix.SYS_FSYNC, unix.SYS_FDATASYNC, unix.SYS_FTRUNCATE,
	unix.SYS_RENAMEAT, unix.SYS_LINKAT, unix.SYS_UNLINKAT, unix.SYS_RENAMEAT2,
	unix.SYS_MKDIRAT,
}

// notice is struct seccomp_notif of <linux/seccomp.h>.
type notice struct {
	id         uint64
	pid, flags uint32
	nr         int32
	arch       uint32
	at         uint64
	args       [6]uint64
}

// verdict is struct seccomp_notif_resp.
type verdict struct {
	id    uint64
	value int64
	errno int32
	flags uint32
}

const (
	recvNotice  = 0xc0502100 // SECCOMP_IOCTL_NOTIF_RECV
	sendVerdict = 0xc0182101 // SECCOMP_IOCTL_NOTIF_SEND
	goOn        = 1          // SECCOMP_USER_NOTIF_FLAG_CONTINUE
)

// watch has the kernel ask decide before each watched call of any thread of
// this process on a regular file or a name; its errno is the call's answer, 0
// lets it happen. seccomp_unotify(2). It returns how many it has been so far.
func watch(decide func(call) syscall.Errno) (*atomic.Int64, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("no new privileges: %w", err)
	}
	program := filter()
	prog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	const flags = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_TSYNC |
		unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
	fd, _, no := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&prog)))
	if no != 0 {
		return nil, fmt.Errorf("seccomp: %w", no)
	}
	var n atomic.Int64
	go serve(fd, &n, decide)
	return &n, nil
}

// filter asks for the watched calls and lets all others pass.
func filter() []unix.SockFilter {
	const number, ask, pass = 0, 0x7fc00000, 0x7fff0000 // offset of nr; RET_USER_NOTIF; RET_ALLOW
	f := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number}}
	for i, nr := range watched {
		f = append(f, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: uint8(len(watched) - i), K: nr})
	}
	return append(f, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: pass}, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: ask})
}

// call is one watched call.
type call struct {
	nr   int32
	fd   int
	n    int64 // which one of this process it is, from 1
	from int64 // pwrite64: where; ftruncate: the new size
	size int
}

func serve(listener uintptr, n *atomic.Int64, decide func(call) syscall.Errno) {
	runtime.LockOSThread()
	for {
		var q notice
		if _, _, no := unix.Syscall(unix.SYS_IOCTL, listener, recvNotice, uintptr(unsafe.Pointer(&q))); no != 0 {
			continue // the caller was interrupted before we saw it
		}
		a := verdict{id: q.id, flags: goOn}
		if counts(q) {
			if no := decide(read(q, n.Add(1))); no != 0 {
				a = verdict{id: q.id, errno: -int32(no)}
			}
		}
		_, _, _ = unix.Syscall(unix.SYS_IOCTL, listener, sendVerdict, uintptr(unsafe.Pointer(&a)))
	}
}

// counts leaves out what is no file: pipes, and events of the runtime.
func counts(q notice) bool {
	if !byDescriptor(q.nr) {
		return true
	}
	var st unix.Stat_t
	err := unix.Fstat(int(q.args[0]), &st)
	kind := st.Mode & unix.S_IFMT
	return err == nil && (kind == unix.S_IFREG || kind == unix.S_IFDIR)
}

func byDescriptor(nr int32) bool {
	return nr == unix.SYS_PWRITE64 || nr == unix.SYS_FSYNC || nr == unix.SYS_FDATASYNC || nr == unix.SYS_FTRUNCATE
}

func read(q notice, n int64) call {
	c := call{nr: q.nr, fd: -1, n: n}
	if byDescriptor(q.nr) {
		c.fd = int(q.args[0])
	}
	switch q.nr {
	case unix.SYS_PWRITE64:
		c.size, c.from = int(q.args[2]), int64(q.args[3])
	case unix.SYS_FTRUNCATE:
		c.from = int64(q.args[1])
	}
	return c
}

// die ends this process as a crash does.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
