package ticket_test

import (
	"testing"
	"time"

	"inviter/ticket"
)

func TestJumpSaysWhichWayAndHowLong(t *testing.T) {
	t.Parallel()
	for want, j := range map[string]ticket.Jump{
		"": {},
		"the computer's clock jumped ahead by 5h0m0s; tickets go by the time before for another 4m30s unless it is set right": {By: 5 * time.Hour, Rest: 4*time.Minute + 30*time.Second},
		"the computer's clock jumped back by 2m1s; tickets go by the time before for another 10s unless it is set right":      {By: -121 * time.Second, Rest: 10 * time.Second},
	} {
		if got := j.String(); got != want || j.Doubted() != (want != "") {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
