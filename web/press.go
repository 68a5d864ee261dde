package web

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"sync"
)

// press makes one gzip body (RFC 1952) of pieces, some of them compressed long
// ago. Each piece is a run of deflate blocks (RFC 1951) that refers to nothing
// before it and ends on a byte, so pieces can stand in any order.
type press struct {
	out  bytes.Buffer
	sum  uint32
	size uint32
}

// pressed is a piece, ready to be put between others.
type pressed struct {
	deflated []byte
	sum      uint32 // CRC-32 of what was compressed
	size     int
	over     matrix // carries the sum of what stands before over it
}

// matrix is linear over the field of two elements, a column a word.
type matrix [32]uint32

func newPress() *press {
	p := &press{}
	p.out.Write([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255}) // no name, no time, fastest, unknown system
	return p
}

// add appends a piece.
func (p *press) add(piece pressed) {
	p.out.Write(piece.deflated)
	p.sum = piece.over.times(p.sum) ^ piece.sum
	p.size += uint32(piece.size)
}

// store appends a piece as it is: what tells of one reader is neither compressed
// with what others wrote, nor worth the time.
func (p *press) store(plain []byte) {
	const most = 1<<16 - 1
	for len(plain) > 0 {
		b := plain[:min(len(plain), most)]
		n := uint16(len(b))
		p.out.Write([]byte{0, byte(n), byte(n >> 8), byte(^n), byte(^n >> 8)})
		p.out.Write(b)
		p.sum = crc32.Update(p.sum, crc32.IEEETable, b)
		p.size += uint32(len(b))
		plain = plain[len(b):]
	}
}

// finish appends the end and gives the body.
func (p *press) finish() []byte {
	p.out.Write([]byte{3, 0}) // an empty last block
	var tail [8]byte
	binary.LittleEndian.PutUint32(tail[:4], p.sum)
	binary.LittleEndian.PutUint32(tail[4:], p.size)
	p.out.Write(tail[:])
	return p.out.Bytes()
}

// presses are costly to make, and used anew after each piece.
var presses = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // the level is a good one
	return w
}}

// compress makes a piece at deflate's quickest level: rows shrink to a tenth in
// less time than they take to be rendered.
func compress(plain []byte) pressed {
	var b bytes.Buffer
	w := presses.Get().(*flate.Writer)
	defer presses.Put(w)
	w.Reset(&b)
	_, _ = w.Write(plain) // into memory: can't fail
	_ = w.Flush()
	return pressed{deflated: b.Bytes(), sum: crc32.ChecksumIEEE(plain), size: len(plain), over: zeros(len(plain))}
}

// tails keep what stands below lists, compressed: all readers of a language
// have it in common, and it tells of none of them.
type tails struct {
	mu  sync.Mutex
	all map[string]pressed
}

// mostTails bounds them; below this size a tail is compressed sooner than found.
const (
	mostTails = 32
	leastTail = 512
)

func (t *tails) compress(plain []byte) pressed {
	if len(plain) < leastTail {
		return compress(plain)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if found, ok := t.all[string(plain)]; ok {
		return found
	}
	if t.all == nil || len(t.all) >= mostTails {
		t.all = map[string]pressed{}
	}
	made := compress(plain)
	t.all[string(plain)] = made
	return made
}

// zeros carries a CRC-32 over that many zero bytes: the matrix for one bit,
// squared again and again.
func zeros(size int) matrix {
	one := matrix{crc32.IEEE}
	for i := 1; i < 32; i++ {
		one[i] = 1 << (i - 1)
	}
	sum, power := identity(), one.times2(one) // over two bits
	power = power.times2(power)               // over four
	for ; size > 0; size >>= 1 {
		power = power.times2(power) // over a byte, then twice as many each time
		if size&1 != 0 {
			sum = power.times2(sum)
		}
	}
	return sum
}

func identity() (m matrix) {
	for i := range m {
		m[i] = 1 << i
	}
	return m
}

func (m *matrix) times(v uint32) uint32 {
	var sum uint32
	for i := 0; v != 0; i, v = i+1, v>>1 {
		if v&1 != 0 {
			sum ^= m[i]
		}
	}
	return sum
}

func (m *matrix) times2(other matrix) (product matrix) {
	for i, v := range other {
		product[i] = m.times(v)
	}
	return product
}
