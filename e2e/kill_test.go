package e2e_test

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"inviter/e2e/private"
)

// nightly is the variable with which tests that otherwise sample do much more.
const nightly = "INVITER_TEST_NIGHTLY"

// condemned is a helpdesk whose watcher is killed again and again.
type condemned struct {
	t      *testing.T
	desk   *helpdesk
	ada    *person
	random *rand.Rand
	calls  map[string]int // system calls of one pass, by name
}

// condemn starts a helpdesk with this source.
func condemn(t *testing.T, seed uint64, source string) condemned {
	t.Helper()
	private.Program(t, "strace")
	c := condemned{t: t, desk: newHelpdesk(t, source), random: rand.New(rand.NewPCG(seed, 1))}
	c.desk.serveAlone()
	c.ada = c.desk.technician("ada", "technician")
	return c
}

// doomed is one whose watcher is killed while mail comes in, and the account of
// what was sent.
type doomed struct {
	condemned
	mail    *private.Mailserver
	whole   int // invitations sent
	damaged int // broken ones
	plain   int // mails without any
}

// send puts what one round gets into the box: whole invitations of users of
// their own, and now and then a damaged one or ordinary mail.
func (d *doomed) send(round int) {
	for range 2 {
		d.whole++
		d.deliver(mailWith(fmt.Sprintf("user%d@example.org", d.whole), "whole", invite(int64(d.whole), "").RA2()))
	}
	if round%3 == 0 {
		d.damaged++
		file := invite(int64(1000+d.damaged), "").RA2()
		d.deliver(mailWith(fmt.Sprintf("torn%d@example.org", d.damaged), "damaged", file[:len(file)/2]))
	}
	if round%5 == 0 {
		d.plain++
		d.deliver([]byte("From: boss@example.org\r\nSubject: lunch\r\n\r\nAt noon?\r\n"))
	}
}

func (d *doomed) deliver(mail []byte) { d.mail.Deliver(d.t, "help", mail) }

// traced runs one pass of the watcher under strace.
func (d *condemned) traced(args ...string) *os.ProcessState {
	d.t.Helper()
	args = append(append([]string{"-f", "-qq"}, args...), filepath.Join(bin, "watcher"), "once", "--config", d.desk.config)
	cmd := exec.CommandContext(d.t.Context(), private.Program(d.t, "strace"), args...)
	cmd.Env, cmd.Dir = d.desk.env(), d.desk.dir
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || strings.Contains(string(out), "strace: ") {
		d.t.Fatalf("strace: %v\n%s", err, out)
	}
	return cmd.ProcessState
}

// count learns which system calls a pass makes, and how many of each one
// thread makes at most: strace counts each thread by itself.
func (d *condemned) count() {
	d.t.Helper()
	log := filepath.Join(d.t.TempDir(), "calls")
	if state := d.traced("-o", log); !state.Success() {
		d.t.Fatalf("a pass that nobody disturbs: %v", state)
	}
	b, err := os.ReadFile(log)
	if err != nil {
		d.t.Fatal(err)
	}
	d.calls = map[string]int{}
	threads := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^(\d+) +(\w+)\(`).FindAllStringSubmatch(string(b), -1) {
		name := m[2]
		threads[m[1]+name]++
		d.calls[name] = max(d.calls[name], threads[m[1]+name])
	}
	for _, once := range []string{"execve", "exit_group"} { // nothing is running yet, or any more
		delete(d.calls, once)
	}
	if len(d.calls) < 10 || d.calls["write"] == 0 {
		d.t.Fatalf("system calls %v", d.calls)
	}
}

// kill lets the watcher die at a random system call, and tells at which; "" if
// it came to its end before. Every call stops for strace: under its
// --seccomp-bpf only the first call of a kind is ever met.
func (d *condemned) kill() string {
	d.t.Helper()
	var names []string // each as often as it has digits: the busy ones are where the work is
	for name, n := range d.calls {
		names = append(names, slices.Repeat([]string{name}, 2*bits.Len(uint(n))-1)...)
	}
	slices.Sort(names)
	name := names[d.random.IntN(len(names))]
	nth := 1 + d.random.IntN(d.calls[name])
	state := d.traced("-o", "/dev/null", "-e", "trace="+name, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", name, nth))
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !(status.Signaled() && status.Signal() == syscall.SIGKILL) {
		return ""
	}
	return fmt.Sprintf("%s, the %d. time", name, nth)
}

// kept checks that nothing has left the box that isn't recorded.
func (d *doomed) kept(at string) {
	d.t.Helper()
	tickets, refused := len(d.ada.tickets(everyState)), d.refusals()
	if moved := folder(d.t, d.mail, "Inviter/Processed"); moved > tickets {
		d.t.Errorf("killed at %s: %d mails were moved, %d tickets are there", at, moved, tickets)
	}
	if moved := folder(d.t, d.mail, "Inviter/Refused"); moved > refused {
		d.t.Errorf("killed at %s: %d mails were moved, %d refusals are there", at, moved, refused)
	}
}

func (d *condemned) refusals() int {
	d.t.Helper()
	var list struct{ Refusals []struct{ Code string } }
	if err := json.Unmarshal(d.ada.wants(200, "GET", "/refusals", nil).Body, &list); err != nil {
		d.t.Fatal(err)
	}
	return len(list.Refusals)
}

// settled checks, after a pass that nobody disturbed, that what was sent is
// tickets, refusals and mail in the box, each of it once.
func (d *doomed) settled(at string) {
	d.t.Helper()
	d.desk.must("watcher", "once")
	seen := map[string]int{}
	for _, v := range d.ada.tickets(everyState) {
		if seen[v.User.Address]++; len(v.Deliveries) != 1 {
			d.t.Errorf("killed at %s: ticket %d has %d deliveries", at, v.ID, len(v.Deliveries))
		}
	}
	for i := 1; i <= d.whole; i++ {
		if n := seen[fmt.Sprintf("user%d@example.org", i)]; n != 1 {
			d.t.Errorf("killed at %s: %d tickets of invitation %d", at, n, i)
		}
	}
	if n := d.refusals(); n != d.damaged || len(seen) != d.whole {
		d.t.Errorf("killed at %s: %d refusals of %d, tickets of %d users of %d", at, n, d.damaged, len(seen), d.whole)
	}
	if n := folder(d.t, d.mail, "INBOX"); n != d.plain {
		d.t.Errorf("killed at %s: %d mails in the box, want the %d ordinary ones", at, n, d.plain)
	}
}

// The watcher dies at any system call of any kind, against a real server: what
// was sent is always tickets, refusals, and what still lies in the box, and
// nothing is there twice. With INVITER_TEST_NIGHTLY it dies several hundred times.
func TestKilledAtRandomSystemCalls(t *testing.T) {
	t.Parallel()
	desks, deaths := 1, 8
	if os.Getenv(nightly) != "" {
		desks, deaths = 4, 100
	}
	for i := range desks {
		t.Run(fmt.Sprint("desk ", i), func(t *testing.T) {
			t.Parallel()
			seed := uint64(time.Now().UnixNano())
			mail := private.Dovecot(t, private.DovecotOptions{})
			d := &doomed{condemned: condemn(t, seed, mailboxAt(mail.URL("help", "INBOX"), "")), mail: mail}
			d.send(1)
			d.count()
			d.settled("no point")
			var at []string
			for round := 2; len(at) < deaths && !t.Failed(); round++ {
				if d.whole < 900 { // a list of tickets has at most 1,000
					d.send(round)
				}
				where := d.kill()
				if where == "" {
					continue
				}
				at = append(at, where)
				d.kept(where)
				if d.random.IntN(3) > 0 { // else the next one dies over the same mail too
					d.settled(where)
				}
			}
			d.settled("the end")
			t.Logf("seed %d: killed %d times, at %s", seed, len(at), strings.Join(at, "; "))
		})
	}
}
