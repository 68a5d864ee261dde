package main

import (
	"context"

	"inviter/queue"
	"inviter/web"
)

// Asked is the answer of the first of the same requests.
func (l lines) Asked(ctx context.Context, o web.Once) (web.Answered, bool, error) {
	a, found, err := l.Queue.Asked(ctx, queue.Once(o))
	return web.Answered(a), found, err
}

// Marked has a verb note that its request was carried out.
func (l lines) Marked(ctx context.Context, o web.Once) context.Context {
	return l.Queue.Marked(ctx, queue.Once(o))
}

// Keep stores an answer, and tells which one stands.
func (l lines) Keep(ctx context.Context, o web.Once, a web.Answered) (web.Answered, error) {
	stands, err := l.Queue.Keep(ctx, queue.Once(o), queue.Answered(a))
	return web.Answered(stands), err
}
