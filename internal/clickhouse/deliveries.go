package clickhouse

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// States of a delivery.
const (
	DeliveryClaimed  = "claimed"  // about to be sent, or its process died
	DeliverySent     = "sent"     // the mail server took it
	DeliveryDeferred = "deferred" // it certainly did not, and may later
	DeliveryRefused  = "refused"  // it certainly did not, and will not
	DeliveryUnsure   = "unsure"   // nobody knows
)

// Delivery is a report to one recipient.
type Delivery struct {
	Project   string
	Period    string
	From      time.Time // first day that the report is about
	Recipient string    // its id
	Attempt   uint16
	State     string
	Instance  string
	Claimed   time.Time // by the clock of ClickHouse, as Changed
	Changed   time.Time
	Error     string
	Version   uint64
	Age       time.Duration // since Changed, when it was read
}

// Deliveries is where they are noted, for all processes.
type Deliveries struct{ Conn driver.Conn }

const (
	deliveryColumns  = "project, period, day_from, recipient, attempt, state, instance, claimed_at, changed_at, error, version"
	insertDelivery   = "INSERT INTO report_deliveries (" + deliveryColumns + ")"
	selectDeliveries = `SELECT project, toString(period), day_from, recipient, attempt, toString(state), instance, claimed_at, changed_at, error, version,
       toInt64(greatest(0, dateDiff('millisecond', changed_at, now64(3, 'UTC'))))
FROM report_deliveries FINAL WHERE `
)

// Claim notes that a report is about to be sent, and reports whether it is this
// process that may: of several that claim the same attempt one does.
func (d Deliveries) Claim(ctx context.Context, one Delivery) (Delivery, bool, error) {
	now, err := serverNow(ctx, d.Conn)
	if err != nil {
		return one, false, fmt.Errorf("claim a delivery: %w", err)
	}
	one.State, one.Claimed, one.Changed, one.Error, one.Version = DeliveryClaimed, now, now, "", 1
	token := fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%d", one.Project, one.Period, one.From.Format(time.DateOnly), one.Recipient, one.Attempt)
	if err := insertClaim(ctx, d.Conn, insertDelivery, token, one.row()...); err != nil {
		return one, false, fmt.Errorf("claim a delivery: %w", err)
	}
	last, found, err := d.Last(ctx, one)
	mine := found && last.Attempt == one.Attempt && last.Instance == one.Instance && last.State == DeliveryClaimed
	return one, mine, err
}

// Settle notes what became of a delivery.
func (d Deliveries) Settle(ctx context.Context, one Delivery, state, reason string) error {
	now, err := serverNow(ctx, d.Conn)
	if err == nil {
		one.State, one.Changed, one.Error = state, now, reason
		one.Version++
		err = insertState(ctx, d.Conn, insertDelivery, one.row()...)
	}
	if err != nil {
		return fmt.Errorf("note what became of a delivery: %w", err)
	}
	return nil
}

// Last returns the last attempt at what one names; false if there was none.
func (d Deliveries) Last(ctx context.Context, one Delivery) (Delivery, bool, error) {
	found, err := d.read(ctx, `project = {project:String} AND period = {period:String} AND day_from = {from:Date} AND recipient = {recipient:String}
ORDER BY attempt DESC LIMIT 1`, map[string]string{
		"project": one.Project, "period": one.Period, "from": one.From.Format(time.DateOnly), "recipient": one.Recipient,
	})
	if err != nil || len(found) == 0 {
		return Delivery{}, false, err
	}
	return found[0], true, nil
}

// Unsettled returns those of which nobody knows whether they arrived: unsure, or
// claimed and silent for longer than patience, in the last 30 days; the latest
// first, up to limit.
func (d Deliveries) Unsettled(ctx context.Context, patience time.Duration, limit int) ([]Delivery, error) {
	return d.read(ctx, `(project, period, day_from, recipient, attempt) IN (
    SELECT project, period, day_from, recipient, max(attempt) FROM report_deliveries GROUP BY project, period, day_from, recipient)
    AND changed_at > now64(3, 'UTC') - INTERVAL 30 DAY AND (state = 'unsure' OR state = 'claimed' AND dateDiff('millisecond', changed_at, now64(3, 'UTC')) > {patience:Int64})
ORDER BY changed_at DESC, recipient LIMIT {limit:UInt32}`, map[string]string{
		"patience": strconv.FormatInt(patience.Milliseconds(), 10), "limit": strconv.Itoa(limit),
	})
}

func (d Deliveries) read(ctx context.Context, where string, values map[string]string) ([]Delivery, error) {
	rows, err := d.Conn.Query(quiet(ctx, values), selectDeliveries+where)
	if err != nil {
		return nil, fmt.Errorf("read the deliveries: %w", err)
	}
	var list []Delivery
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var one Delivery
		var age int64
		if err := scan(&one.Project, &one.Period, &one.From, &one.Recipient, &one.Attempt, &one.State, &one.Instance, &one.Claimed, &one.Changed, &one.Error, &one.Version, &age); err != nil {
			return fmt.Errorf("read the deliveries: %w", err)
		}
		one.Age = time.Duration(age) * time.Millisecond
		list = append(list, one)
		return nil
	})
	return list, err
}

func (one *Delivery) row() []any {
	return []any{
		one.Project, one.Period, one.From, one.Recipient, one.Attempt, one.State, one.Instance, one.Claimed, one.Changed, one.Error, one.Version,
	}
}
