package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"syscall"

	"inviter/account"
	"inviter/cmd/internal/program"
	"inviter/config"
	"inviter/demo"
	"inviter/ticket"
)

const demoAddress = "127.0.0.1:8080"

type demoCommand struct {
	program.Logging
	Dir    string `help:"Folder of the demo; a second start goes on where the first one was." default:"inviter-demo" placeholder:"DIR"`
	Listen string `help:"Address of the page. Without it 127.0.0.1:8080, or any free one where that is in use." placeholder:"ADDR"`
	JSON   bool   `name:"json" help:"Print one JSON object in place of the text."`
}

// shown is all that somebody needs to try the demo.
type shown struct {
	Page    string    `json:"page"`
	LogIns  []shownIn `json:"log_ins"`
	Ask     string    `json:"ask"`     // where users hand in
	Answers string    `json:"answers"` // the folder with what they are answered
	Address string    `json:"address"`
	SMTP    string    `json:"smtp"`
	IMAP    string    `json:"imap"`
	Share   string    `json:"share"`
	Config  string    `json:"config"`
	Try     []shownDo `json:"try"`
}

type shownIn struct {
	Name string `json:"name"`
	Link string `json:"link"`
}

type shownDo struct {
	What    string `json:"what"`
	Command string `json:"command"`
}

// Run shows everything until ctx ends.
func (d demoCommand) Run(ctx context.Context, w *program.World) error {
	log := d.Log(w)
	dir, err := filepath.Abs(d.Dir)
	if err != nil {
		return program.Misuse("--dir: " + err.Error())
	}
	c := config.Default()
	c.Data = filepath.Join(dir, "data")
	c.KeyFile = filepath.Join(c.Data, "inviter.key")
	// Users are answered from the first moment; where their mail server listens is known later.
	c.SMTP.URL, c.SMTP.From = "smtp://127.0.0.1", demo.Alias
	store, leave, err := openAlone(ctx, c, log)
	if err != nil {
		return err
	}
	defer leave()
	listener, err := d.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	world, err := demo.Start(ctx, demo.Options{Dir: dir, Log: log, Web: reachable(listener.Addr())})
	if err != nil {
		return err
	}
	defer world.Close()
	if c, err = config.Load(world.Config); err != nil {
		return err
	}
	desk, err := newDesk(c, store, false, log)
	if err != nil {
		return err
	}
	all, err := describe(ctx, c, store.Accounts, world)
	if err != nil {
		return err
	}
	if err := d.tell(w, dir, all); err != nil {
		return err
	}
	return desk.serve(ctx, listener)
}

// listen takes the address asked for. Where none is asked for, another program
// at the usual one is no hindrance.
func (d demoCommand) listen() (net.Listener, error) {
	web := config.Web{Listen: d.Listen}
	if d.Listen != "" {
		return listen(&web)
	}
	web.Listen = demoAddress
	listener, err := listen(&web)
	if errors.Is(err, syscall.EADDRINUSE) {
		web.Listen = "127.0.0.1:0"
		return listen(&web)
	}
	return listener, err
}

// reachable is an address under which a browser on this computer finds the page.
func reachable(at net.Addr) string {
	host, port, _ := net.SplitHostPort(at.String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// demoPeople are the demo's two technicians.
func demoPeople() []ticket.Technician {
	return []ticket.Technician{{Name: "ada", Role: ticket.RoleLead}, {Name: "grace", Role: ticket.RoleTechnician}}
}

// describe gathers what there is to tell, with fresh log-in links.
func describe(ctx context.Context, c config.Config, all *account.Accounts, world *demo.Demo) (shown, error) {
	s := shown{
		Page: c.Web.PublicURL, Ask: c.Web.PublicURL + "/ask", Answers: world.Answers, Address: demo.Alias, SMTP: world.SMTP, IMAP: world.IMAP,
		Share: world.Share, Config: world.Config,
	}
	for _, p := range demoPeople() {
		if err := all.Add(ctx, p.Name, p.Role, ""); err != nil && !errors.Is(err, account.ErrExists) {
			return s, advised(p.Name, err)
		}
		link, err := logInLink(ctx, c, all, p.Name)
		if err != nil {
			return s, err
		}
		s.LogIns = append(s.LogIns, shownIn{p.Name, link})
	}
	for _, i := range world.Instructions() {
		s.Try = append(s.Try, shownDo(i))
	}
	return s, nil
}

func (d demoCommand) tell(w *program.World, dir string, s shown) error {
	if d.JSON {
		return json.NewEncoder(w.Out).Encode(s)
	}
	p := func(format string, words ...any) { fmt.Fprintf(w.Out, format+"\n", words...) }
	p("The demo runs. Ctrl-C ends it; a new start goes on where it was. All of it is in %s.\n", dir)
	p("Page       %s", s.Page)
	for _, in := range s.LogIns {
		p("Log in     %s (once, as %s)", in.Link, in.Name)
	}
	p("Hand in    %s (what users see; no log-in)", s.Ask)
	p("Answers    %s (the mails that users get)", s.Answers)
	p("Mail to    %s, by SMTP at %s (mailbox by IMAP at %s)", s.Address, s.SMTP, s.IMAP)
	p("Drop into  %s", s.Share)
	p("Settings   %s\n", s.Config)
	p("Invitations arrive by themselves over the first minutes. To send one by hand:")
	for _, try := range s.Try {
		p("\n%s:\n  %s", try.What, try.Command)
	}
	return nil
}
