package postoffice

import (
	"fmt"
	"net"
	"sync"
	"time"
)

// door is a loopback listener that lets a bounded number in at a time; whoever
// comes beyond that is turned away at once, so that those inside go on.
type door struct {
	net.Listener
	life time.Duration // longest stay; 0 is no bound

	mu     sync.Mutex
	inside map[*guest]struct{}
	closed bool
}

// guest is one connection that leaves the count when it closes.
type guest struct {
	net.Conn
	door  *door
	timer *time.Timer
	once  sync.Once
}

// openDoor listens at addr, which must be a loopback address.
func openDoor(addr string, life time.Duration) (*door, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("address %q is not on loopback; the demo's mail server is for this machine only", addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &door{Listener: l, life: life, inside: map[*guest]struct{}{}}, nil
}

// Accept lets the next one in.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if g := d.enter(conn); g != nil {
			return g, nil
		}
		conn.Close()
	}
}

func (d *door) enter(conn net.Conn) *guest {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || len(d.inside) >= maxClients {
		return nil
	}
	g := &guest{Conn: conn, door: d}
	if d.life > 0 {
		g.timer = time.AfterFunc(d.life, func() { g.Close() })
	}
	d.inside[g] = struct{}{}
	return g
}

// Close closes the door and everybody's connection.
func (d *door) Close() error {
	err := d.Listener.Close()
	d.mu.Lock()
	d.closed = true
	var all []*guest
	for g := range d.inside {
		all = append(all, g)
	}
	d.mu.Unlock()
	for _, g := range all {
		g.Close()
	}
	return err
}

// Close ends the connection.
func (g *guest) Close() error {
	g.once.Do(func() {
		g.door.mu.Lock()
		delete(g.door.inside, g)
		g.door.mu.Unlock()
		if g.timer != nil {
			g.timer.Stop()
		}
	})
	return g.Conn.Close()
}
