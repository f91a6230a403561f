package mail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/digest"
)

// Book is where deliveries are claimed and settled; clickhouse.Deliveries is one.
type Book interface {
	// Claim reports whether this process may make the attempt; one may.
	Claim(ctx context.Context, one clickhouse.Delivery) (clickhouse.Delivery, bool, error)
	// Settle notes what became of it.
	Settle(ctx context.Context, one clickhouse.Delivery, state, reason string) error
	// Last returns the last attempt at what one names; false if there was none.
	Last(ctx context.Context, one clickhouse.Delivery) (clickhouse.Delivery, bool, error)
	// Unsettled returns those of which nobody knows whether they arrived.
	Unsettled(ctx context.Context, patience time.Duration, limit int) ([]clickhouse.Delivery, error)
}

// Lists are who gets which report; clickhouse.Recipients is one.
type Lists interface {
	// List returns the recipients of a project, or of all if it is empty.
	List(ctx context.Context, project string) ([]clickhouse.Recipient, error)
}

// Schedules are when reports are sent; clickhouse.Mailings is one.
type Schedules interface {
	List(ctx context.Context) ([]clickhouse.Mailing, error)
}

// Project is one whose reports may be sent.
type Project struct {
	Name string
	Zone *time.Location
}

// Deps is what a courier works with.
type Deps struct {
	Post      *Post
	Book      Book
	Lists     Lists
	Schedules Schedules
	Projects  func(ctx context.Context) ([]Project, error)
	Asker     digest.Asker
	Now       func(ctx context.Context) (time.Time, error) // by the clock of ClickHouse
	Links     func(ctx context.Context) (Links, error)
	Log       *zap.Logger
	Metrics   *Metrics
}

// Options bound how often is tried.
type Options struct {
	Instance string        // names this process
	Attempts int           // at one delivery that was deferred
	Pause    time.Duration // before the second attempt; it doubles
	// Patience is how long a delivery may be claimed before its process is taken to
	// have died.
	Patience time.Duration
}

// DefaultPatience is longer than any attempt takes.
const DefaultPatience = 15 * time.Minute

// mostUnsettled bounds how many deliveries are shown that nobody knows of.
const mostUnsettled = 1000

// Courier sends the reports that are due. Several may, in several processes.
type Courier struct {
	d Deps
	o Options
}

// NewCourier returns a courier.
func NewCourier(o Options, d Deps) *Courier { return &Courier{d, o} }

// Run sends what is due. The error of one project does not keep the others waiting.
func (c *Courier) Run(ctx context.Context) error {
	rounds, err := c.due(ctx)
	if err != nil {
		return err
	}
	var failures []error
	for _, r := range rounds {
		if err := c.send(ctx, r); err != nil {
			failures = append(failures, fmt.Errorf("the report of the %s to %s: %w", r.subject.Period, r.subject.Project, err))
		}
	}
	return errors.Join(append(failures, c.look(ctx))...)
}

// round is a report and whom it is still to be sent to.
type round struct {
	subject  digest.Subject
	language string
	to       []attempt
}

type attempt struct {
	recipient clickhouse.Recipient
	number    uint16
}

// send makes the attempts of a round. A connection stands before the first claim,
// so that a mail server that is away leaves no claims behind.
func (c *Courier) send(ctx context.Context, r round) error {
	links, err := c.d.Links(ctx)
	if err != nil {
		return err
	}
	draft, err := c.draft(ctx, r)
	if err != nil {
		return err
	}
	line := &line{post: c.d.Post}
	defer line.close()
	for _, to := range r.to {
		session, err := line.open(ctx)
		if err != nil {
			return err
		}
		failed, err := c.deliver(ctx, session, r, to, draft, links)
		if err != nil {
			return err
		}
		if failed {
			line.close()
		}
	}
	return nil
}

// line is a connection that is opened when it is needed.
type line struct {
	post    *Post
	session *Session
}

func (l *line) open(ctx context.Context) (*Session, error) {
	var err error
	if l.session == nil {
		l.session, err = l.post.Open(ctx)
	}
	return l.session, err
}

func (l *line) close() {
	if l.session != nil {
		l.session.Close()
	}
	l.session = nil
}

func (c *Courier) draft(ctx context.Context, r round) (*digest.Draft, error) {
	numbers, err := digest.Collect(ctx, c.d.Asker, r.subject)
	if err != nil {
		return nil, err
	}
	return digest.Compose(numbers, r.language)
}

// settleTimeout bounds noting what became of a message while the process stops.
const settleTimeout = 10 * time.Second

// deliver claims a delivery, hands the message over and notes what became of it.
// failed: the connection is not to be used again.
func (c *Courier) deliver(ctx context.Context, session *Session, r round, to attempt, draft *digest.Draft, links Links) (failed bool, err error) {
	link := links.Unsubscribe(to.recipient.Project, to.recipient.ID)
	letter, err := draft.Letter(digest.Links{Dashboard: links.Dashboard(), Unsubscribe: link})
	if err != nil {
		return false, err
	}
	one, mine, err := c.d.Book.Claim(ctx, clickhouse.Delivery{
		Project: r.subject.Project, Period: string(r.subject.Period), From: r.subject.FirstDay(),
		Recipient: to.recipient.ID, Attempt: to.number, Instance: c.o.Instance,
	})
	if err != nil || !mine {
		return false, err
	}
	sent := session.Send(Message{ID: messageID(one), To: to.recipient.Address, Letter: *letter, Headers: links.headers(link)})
	return sent != nil, c.settle(ctx, one, sent)
}

// settle notes what became of a message, also when the process is about to stop.
func (c *Courier) settle(ctx context.Context, one clickhouse.Delivery, sent error) error {
	state, reason := clickhouse.DeliverySent, ""
	var failure *Failure
	if errors.As(sent, &failure) {
		state, reason = failure.State, failure.Reason
		c.d.Log.Warn("a report was not sent, or may not have been", zap.String("project", one.Project), zap.String("period", one.Period),
			zap.String("recipient", one.Recipient), zap.String("state", state), zap.String("reason", reason))
	}
	c.d.Metrics.deliveries.WithLabelValues(state).Inc()
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	return c.d.Book.Settle(settling, one, state, reason)
}

// messageID is the same for all attempts at a delivery: mail systems that look at
// it show one of them.
func messageID(one clickhouse.Delivery) string {
	return fmt.Sprintf("%s.%s.%s.%s", one.Project, one.Period, one.From.Format(time.DateOnly), one.Recipient)
}

// look shows the deliveries of which nobody knows whether they arrived.
func (c *Courier) look(ctx context.Context) error {
	list, err := c.d.Book.Unsettled(ctx, c.o.Patience, mostUnsettled)
	if err != nil {
		return err
	}
	c.d.Metrics.unsettled.Set(float64(len(list)))
	if len(list) > 0 {
		c.d.Log.Warn("nobody knows whether reports arrived; see ibarura report deliveries, and docs/reports.md", zap.Int("deliveries", len(list)))
	}
	return nil
}
