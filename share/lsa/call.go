package lsa

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Kinds of messages and the flags of one that is whole, C706 12.6.
const (
	request  = 0
	response = 2
	bind     = 11
	bindAck  = 12
	whole    = 3
)

const (
	header  = 16
	maxPart = 4280 // longest message, in bytes
)

// conversation is calls over one pipe, one after another.
type conversation struct {
	pipe io.ReadWriter
	id   uint32
}

// interfaces are lsarpc 0.0 as what is called, and NDR 2 as how it is written.
const interfaces = "\x78\x57\x34\x12\x34\x12\xcd\xab\xef\x00\x01\x23\x45\x67\x89\xab\x00\x00\x00\x00" +
	"\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\x00\x2b\x10\x48\x60\x02\x00\x00\x00"

func (c *conversation) bind() error {
	le := binary.LittleEndian
	body := le.AppendUint16(nil, maxPart)
	body = le.AppendUint16(body, maxPart)
	body = append(body, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0) // no group; one context, number 0, one syntax
	answer, err := c.exchange(bind, bindAck, append(body, interfaces...))
	if err != nil {
		return err
	}
	r := reader{rest: answer}
	r.take(8)
	r.take(int(binary.LittleEndian.Uint16(r.take(2)))) // the pipe's other name
	r.align()
	if n := r.u32() & 0xff; n != 1 || r.u32()&0xffff != 0 || r.failed {
		return fmt.Errorf("%w, or it is no", errAnswer)
	}
	return nil
}

// call has a procedure called, and returns what it answers.
func (c *conversation) call(number uint16, stub []byte) ([]byte, error) {
	le := binary.LittleEndian
	body := le.AppendUint32(nil, uint32(len(stub)))
	body = le.AppendUint16(body, 0)
	body = le.AppendUint16(body, number)
	answer, err := c.exchange(request, response, append(body, stub...))
	if err != nil {
		return nil, err
	}
	if len(answer) < 8 {
		return nil, errAnswer
	}
	return answer[8:], nil
}

// exchange sends a message of one kind and returns the body of the other kind
// that answers it.
func (c *conversation) exchange(sent, wanted byte, body []byte) ([]byte, error) {
	le := binary.LittleEndian
	c.id++
	message := []byte{5, 0, sent, whole, 0x10, 0, 0, 0}
	message = le.AppendUint16(message, uint16(header+len(body)))
	message = le.AppendUint16(message, 0)
	message = le.AppendUint32(message, c.id)
	if _, err := c.pipe.Write(append(message, body...)); err != nil {
		return nil, err
	}
	answer := make([]byte, maxPart)
	n, err := c.pipe.Read(answer)
	if n == 0 && err != nil {
		return nil, err
	}
	answer = answer[:n]
	if n < header || answer[0] != 5 || answer[2] != wanted || answer[3]&whole != whole || answer[4]&0xf0 != 0x10 ||
		le.Uint32(answer[12:]) != c.id || int(le.Uint16(answer[8:])) != n {
		return nil, errAnswer
	}
	return answer[header:], nil
}
