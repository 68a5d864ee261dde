package private

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

// greeted is ready when a connection is greeted with a line that begins so.
func greeted(addr, words string) func(context.Context) error {
	return func(ctx context.Context) error {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
			return err
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err == nil && !strings.HasPrefix(line, words) {
			err = fmt.Errorf("greeted by %q", line)
		}
		return err
	}
}
