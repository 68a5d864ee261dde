package queue_test

import (
	"fmt"
	"testing"
	"time"

	"inviter/ticket"
)

// TestReportOverWhatTheQueueKept: tickets and their log come together, whatever
// else stands in the log between them.
func TestReportOverWhatTheQueueKept(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	begin := d.clock.time()
	var all []ticket.ID
	for i := range 3 {
		all = append(all, d.wait(fmt.Sprintf("user%d@example.org", i), fmt.Sprint(i)))
		d.clock.pass(time.Minute)
	}
	for i, id := range all[:2] { // interleaved in the log
		d.must(d.Claim(ctx, id, ada))
		d.clock.pass(time.Minute)
		d.must(d.Connected(ctx, id, ada, 1))
		if i == 1 {
			d.must(d.Close(ctx, all[0], ada, 1, ticket.Solved, ""))
		}
	}
	r, err := d.Report(ctx, begin, d.clock.time(), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if r.Came != 3 || r.Wait.N != 2 || r.Wait.Max != 3*time.Minute || r.Connect.N != 2 || r.Help.N != 1 || r.Ends["solved"] != 1 || r.Ends["open"] != 2 {
		t.Errorf("%+v", r)
	}
	if len(r.Technicians) != 1 || r.Technicians[0].Claims != 2 || len(r.Sources) != 1 || r.Sources[0].Came != 3 {
		t.Errorf("%+v %+v", r.Technicians, r.Sources)
	}
	half, err := d.Report(ctx, begin.Add(time.Minute), begin.Add(2*time.Minute), time.UTC)
	if err != nil || half.Came != 1 {
		t.Errorf("of the second minute: %+v, %v", half, err)
	}
	if none, err := d.Report(ctx, begin.Add(-time.Hour), begin, time.UTC); err != nil || none.Came != 0 || none.Wait.N != 0 {
		t.Errorf("of the hour before: %+v, %v", none, err)
	}
}

// TestReportOverMoreThanASlice: many tickets, most of them of the same instant,
// are each counted once.
func TestReportOverMoreThanASlice(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	begin := d.clock.time()
	const many = 1100
	d.fill(many)
	d.clock.pass(time.Minute)
	for _, id := range []ticket.ID{1, 500, 501, many} {
		d.must(d.Claim(ctx, id, ada))
	}
	d.fill(1)
	r, err := d.Report(ctx, begin, d.clock.time(), time.UTC)
	if err != nil || r.Came != many || r.Wait.N != 4 || r.Wait.P50 != time.Minute || r.Ends["open"] != many || r.Sources[0].Came != many {
		t.Errorf("%d came, %d waited %v, ended %v, %v", r.Came, r.Wait.N, r.Wait, r.Ends, err)
	}
}
