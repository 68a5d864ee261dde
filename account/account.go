// Package account knows who may come in: technicians with their roles, their
// log-ins, one-time log-in links, and tokens for programs.
package account
