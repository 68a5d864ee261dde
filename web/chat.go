package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"inviter/templates"
	"inviter/ticket"
)

// chatJSON is an answer that only who typed the command sees.
type chatJSON struct {
	ResponseType string `json:"response_type"`
	Text         string `json:"text"`
}

func (chatJSON) forAPI() {}

// chatCommand is POST /chat/{name}: a slash command of a chat room, in the form
// that Slack, Mattermost and Rocket.Chat have in common. Whoever is not the
// configured chat system gets 401, whatever is wrong.
func (s *Site) chatCommand(w http.ResponseWriter, r *http.Request, c caller) error {
	if !s.strangers.may(r.RemoteAddr, s.clock()) {
		return &ticket.Refusal{Code: codeTooMany}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	chat, form, ok := s.chatOf(r, body)
	if !ok {
		s.strangers.spend(r.RemoteAddr, s.clock())
		s.problem(w, c, no{Refusal: ticket.Refusal{Code: codeUnauthorized}})
		return nil
	}
	lang := s.Pages.Match(s.Language, "")
	text, err := s.commanded(r, chat, form, lang)
	if err != nil {
		number := faultNumber()
		s.Log.Error("fault", "number", number, "route", r.Pattern, "error", err)
		text = lang.Text("chat.fault", "number", number)
	}
	s.write(w, mediaJSON, http.StatusOK, chatJSON{"ephemeral", text})
	return nil
}

// chatOf is the chat system that a request proves to come from, and its form.
func (s *Site) chatOf(r *http.Request, body []byte) (Chat, url.Values, bool) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return Chat{}, nil, false
	}
	for _, chat := range s.Chats {
		if chat.Name != r.PathValue("name") {
			continue
		}
		if !chat.proven(r, body, form.Get("token"), s.clock()) {
			return Chat{}, nil, false
		}
		return chat, form, chat.Signing == "" || s.heard.first(chat.Name+" "+r.Header.Get("X-Slack-Signature"), s.clock())
	}
	return Chat{}, nil, false
}

// commanded carries one command out, as the technician who is behind the chat
// system's user now.
func (s *Site) commanded(r *http.Request, chat Chat, form url.Values, lang *templates.Language) (string, error) {
	id := form.Get("user_id")
	if !s.pushes.take("chat "+chat.Name+" "+id, s.clock()) {
		return lang.Text("chat.too-many"), nil
	}
	by, err := s.whoChats(r.Context(), chat, id)
	switch {
	case err != nil:
		return "", err
	case by.Name == "":
		return lang.Told("chat.stranger", "id", id), nil
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	c := caller{pass: pass{Technician: by}, lang: lang}
	verb, rest := chatWords(form.Get("command"), form.Get("text"))
	switch verb {
	case "queue":
		return s.chatQueue(ctx, lang)
	case "claim":
		return s.chatClaim(ctx, c, rest)
	}
	return lang.ChatHelp(), nil
}

// whoChats is the enabled account that is configured for a chat system's user;
// zero for nobody.
func (s *Site) whoChats(ctx context.Context, chat Chat, id string) (ticket.Technician, error) {
	account, known := chat.People[id]
	if !known || id == "" {
		return ticket.Technician{}, nil
	}
	staff, err := s.Staff(ctx)
	for _, t := range staff {
		if strings.EqualFold(t.Name, account) {
			return t, err
		}
	}
	return ticket.Technician{}, err
}

// chatWords is what a command asks for: /help-queue and /claim 42, or of any
// other command its first word, "/desk claim 42".
func chatWords(command, text string) (verb, rest string) {
	text = strings.TrimSpace(text)
	switch strings.ToLower(strings.TrimSpace(command)) {
	case "/help-queue":
		return "queue", text
	case "/claim":
		return "claim", text
	}
	verb, rest, _ = strings.Cut(text, " ")
	return strings.ToLower(verb), strings.TrimSpace(rest)
}

// mostChatted is how many of the line a chat room is shown.
const mostChatted = 10

func (s *Site) chatQueue(ctx context.Context, lang *templates.Language) (string, error) {
	page, err := s.Queue.List(ctx, Filter{States: []ticket.State{ticket.Waiting}, Limit: mostChatted})
	if err != nil {
		return "", err
	}
	counts, err := s.Queue.Counts(ctx)
	if err != nil {
		return "", err
	}
	room := templates.ChatQueue{Now: s.clock(), Waiting: counts[ticket.Waiting], URL: s.PublicURL}
	for _, t := range page.Tickets {
		room.Line = append(room.Line, templates.ChatTicket{Number: int64(t.ID), User: userName(t), Since: t.WaitingSince, Expires: t.Expires})
	}
	return lang.ChatQueue(room), nil
}

// userName is how a ticket's user is called.
func userName(t ticket.Ticket) string {
	for _, name := range []string{t.User.Name, t.User.Address, t.ClaimedName} {
		if name != "" {
			return name
		}
	}
	return ""
}

// chatClaim claims one ticket, or the next, by the rules of the page.
func (s *Site) chatClaim(ctx context.Context, c caller, which string) (string, error) {
	t, err := s.chatClaimed(ctx, c, which)
	n, expected := refusal(err)
	switch {
	case err != nil && !expected:
		return "", err
	case err == nil && t.ID == 0:
		return c.lang.Text("chat.nobody"), nil
	case n.Code == ticket.CodeBadRequest:
		return c.lang.ChatHelp(), nil
	}
	said := templates.ChatClaim{Now: s.clock(), Number: int64(t.ID), User: userName(t), Expires: t.Expires, URL: s.PublicURL + "/tickets/" + t.ID.String()}
	if expected {
		said.Refused, said.Who, said.Since, said.Until = string(n.Code), n.Holder, n.Since, n.Until
	}
	return c.lang.ChatClaim(said), nil
}

// chatClaimed is the claimed ticket; beside a refusal, the one that was asked
// for. Number 0 without a refusal: nobody waits.
func (s *Site) chatClaimed(ctx context.Context, c caller, which string) (ticket.Ticket, error) {
	if strings.EqualFold(which, "next") || which == "" {
		t, ok, err := s.nextOnPage(ctx, c)
		if err == nil && !ok {
			return ticket.Ticket{}, nil
		}
		return t, err
	}
	number, err := strconv.ParseInt(strings.TrimPrefix(which, "#"), 10, 64)
	if err != nil || number <= 0 {
		return ticket.Ticket{}, badRequest("number")
	}
	t := ticket.Ticket{ID: ticket.ID(number)}
	now, err := s.Queue.Ticket(ctx, t.ID)
	if err != nil {
		return t, err
	}
	if s.ConfirmOutside && now.State == ticket.Waiting && now.Has(ticket.OutsideNetworks) {
		return t, &ticket.Refusal{Code: codeAskOutside}
	}
	got, err := s.claim(ctx, t.ID, c, words{})
	if err != nil {
		return t, err
	}
	return got, nil
}
