// Package config reads the one configuration file (TOML)
// into one typed value. It is strict: every unknown key, bad value
// and missing secret is named with file, line and key, all of them at once.
// What is read is handed on as plain values; nobody else reads files or flags.
package config

// Config is the whole file with its defaults filled in.
type Config struct {
	Data     string // folder of the embedded database, key and spool
	Database string // "" is SQLite in Data
	KeyFile  string // the file with the key of the files at rest
	Language string // of mails, and of pages where the browser does not say

	Web       Web
	Tickets   Tickets
	Limits    Limits
	Senders   Senders
	Mailboxes []Mailbox
	Shares    []Share
	SMTP      SMTP
	Webhooks  []Webhook
	Login     Login
	Ask       Ask
	Chats     []Chat
}
