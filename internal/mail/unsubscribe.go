package mail

import (
	"context"
	"errors"

	"ibarura/internal/clickhouse"
	"ibarura/internal/digest"
)

// Register is a list that people can be taken off; clickhouse.Recipients is one.
type Register interface {
	// Find returns a recipient, or clickhouse.ErrNoRecipient.
	Find(ctx context.Context, project, id string) (clickhouse.Recipient, error)
	// Remove takes one off, address and all.
	Remove(ctx context.Context, to clickhouse.Recipient) error
}

// Desk is where people go who want no more reports. It is safe for concurrent use.
type Desk struct {
	Register  Register
	Schedules Schedules
	Links     func(ctx context.Context) (Links, error)
}

// Ask returns the page that asks whether it is meant: programs that look at links
// ahead of people must not unsubscribe them. ErrLink: the token is none of ours.
func (d *Desk) Ask(ctx context.Context, token string) ([]byte, error) {
	to, there, err := d.open(ctx, token)
	if err != nil {
		return nil, err
	}
	return d.page(ctx, to, !there)
}

// Leave takes a recipient off the list, and returns the page that says so. It may be
// repeated. ErrLink: the token is none of ours.
func (d *Desk) Leave(ctx context.Context, token string) ([]byte, error) {
	to, there, err := d.open(ctx, token)
	if err == nil && there {
		err = d.Register.Remove(ctx, to)
	}
	if err != nil {
		return nil, err
	}
	return d.page(ctx, to, true)
}

func (d *Desk) open(ctx context.Context, token string) (to clickhouse.Recipient, there bool, err error) {
	links, err := d.Links(ctx)
	if err != nil {
		return to, false, err
	}
	project, id, err := links.Open(token)
	if err != nil {
		return to, false, err
	}
	to, err = d.Register.Find(ctx, project, id)
	if errors.Is(err, clickhouse.ErrNoRecipient) {
		return clickhouse.Recipient{Project: project, ID: id}, false, nil
	}
	return to, err == nil, err
}

func (d *Desk) page(ctx context.Context, to clickhouse.Recipient, done bool) ([]byte, error) {
	set, err := d.Schedules.List(ctx)
	if err != nil {
		return nil, err
	}
	return digest.UnsubscribePage(MailingOf(set, to.Project, digest.Period(to.Period)).Language, to.Project, done)
}
