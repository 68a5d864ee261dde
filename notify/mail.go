package notify

import (
	"context"

	"inviter/templates"
	"inviter/ticket"
)

// mail sends one answer.
func (s *Sender) mail(ctx context.Context, n ticket.Notice) ticket.Fate {
	if s.Post == nil {
		return ticket.Fate{Never: true, Error: "no mail server is configured any more"}
	}
	m, err := s.message(n)
	if err != nil {
		return ticket.Fate{Never: true, Error: err.Error()}
	}
	return s.Post.Send(ctx, m)
}

// message is the notice as a mail, always the same for the same notice.
func (s *Sender) message(n ticket.Notice) (Message, error) {
	l := s.Pages.Match(n.Reply.Language, s.Language)
	w, err := l.Write(s.letter(n))
	if err != nil {
		return Message{}, err
	}
	return Message{
		From: s.From, To: n.Reply.To, MessageID: n.MessageID, InReplyTo: n.Reply.MessageID, Instance: n.Instance,
		Language: l.Tag(), Date: n.At, Written: w,
	}, nil
}

// letter is what the notice says.
func (s *Sender) letter(n ticket.Notice) templates.Mail {
	f, head := n.Facts, s.letterhead(n)
	who := ticket.FirstName(f.Holder)
	switch n.Kind {
	case ticket.NoticeRefused:
		return templates.RefusedMail{Letterhead: head, Code: string(f.Code)}
	case ticket.NoticeExpired:
		return templates.ExpiredMail{Letterhead: head, Expires: f.Expires, Dead: !f.QueuedAt.Before(f.Expires)}
	case ticket.NoticeSuperseded:
		return templates.SupersededMail{Letterhead: head, By: int64(f.SupersededBy)}
	case ticket.NoticeClaimed:
		return templates.ClaimedMail{Letterhead: head, Code: f.Kind == ticket.Code, Holder: who, Words: n.Status.Words, Came: f.QueuedAt, Expires: f.Expires}
	case ticket.NoticeClosed:
		return templates.ClosedMail{Letterhead: head, Holder: who, Outcome: string(f.Outcome)}
	}
	return templates.QueuedMail{
		Letterhead: head, Code: f.Kind == ticket.Code, Place: f.Place, Came: f.QueuedAt, Expires: f.Expires,
		Checked: f.State == ticket.Quarantined, Replaces: int64(f.Supersedes),
	}
}

func (s *Sender) letterhead(n ticket.Notice) templates.Letterhead {
	h := templates.Letterhead{Desk: s.Desk, Phone: s.Phone, Number: int64(n.Ticket), Name: n.Facts.User, At: n.At}
	if n.Status.Secret != "" {
		h.Link = n.Status.Link(s.PublicURL)
	}
	return h
}
