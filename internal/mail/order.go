package mail

import (
	"context"
	"errors"
	"fmt"

	"ibarura/internal/clickhouse"
	"ibarura/internal/digest"
)

// Order is a report that an operator wants to be sent, whatever its schedule.
type Order struct {
	Subject  digest.Subject
	Language string
	// Again sends also to those of whom nobody knows whether it arrived, and whom the
	// mail server refused. Who has got it certainly never gets it again.
	Again bool
}

// Sent is what became of an order.
type Sent struct {
	Made    int // attempts
	Before  int // recipients who had got it before
	Unknown int // of whom nobody knows, and who were left out
}

// Send sends a report to all of its list who have not got it.
func (c *Courier) Send(ctx context.Context, o Order) (Sent, error) {
	var done Sent
	recipients, err := c.d.Lists.List(ctx, o.Subject.Project)
	if err != nil {
		return done, err
	}
	r := round{subject: o.Subject, language: o.Language}
	for _, to := range recipients {
		if to.Period != string(o.Subject.Period) {
			continue
		}
		last, found, err := c.d.Book.Last(ctx, clickhouse.Delivery{
			Project: to.Project, Period: to.Period, From: o.Subject.FirstDay(), Recipient: to.ID,
		})
		if err != nil {
			return done, fmt.Errorf("look what was sent: %w", err)
		}
		switch {
		case found && last.State == clickhouse.DeliverySent:
			done.Before++
		case !found || last.State == deferred || o.Again && c.settled(last):
			r.to = append(r.to, attempt{to, last.Attempt + 1})
		default:
			done.Unknown++
		}
	}
	if done.Made = len(r.to); done.Made == 0 {
		return done, nil
	}
	return done, c.send(ctx, r)
}

// settled reports whether no process is at a delivery any more.
func (c *Courier) settled(last clickhouse.Delivery) bool {
	return last.State != clickhouse.DeliveryClaimed || last.Age > c.o.Patience
}

// Try sends a report to one address that is on no list: without a record, and
// without a link to unsubscribe.
func (c *Courier) Try(ctx context.Context, o Order, address string) error {
	if err := CheckAddress(address); err != nil {
		return err
	}
	links, err := c.d.Links(ctx)
	if err != nil {
		return err
	}
	draft, err := c.draft(ctx, round{subject: o.Subject, language: o.Language})
	if err != nil {
		return err
	}
	letter, err := draft.Letter(digest.Links{Dashboard: links.Dashboard()})
	if err != nil {
		return err
	}
	session, err := c.d.Post.Open(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	now, err := c.d.Now(ctx)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("%s.%s.%s.%d", o.Subject.Project, o.Subject.Period, o.Subject.From, now.UnixMilli())
	if err := session.Send(Message{ID: id, To: address, Letter: *letter}); err != nil {
		return errors.Join(errNotSent, err)
	}
	return nil
}

var errNotSent = errors.New("the report was not sent, or may not have been")
