package clickhouse

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Recipient is who gets the reports of a project about a period. It must not be
// logged: it has an address.
type Recipient struct {
	Project string
	ID      string // names it where the address is not to be
	Period  string
	Address string
	Added   time.Time // by the clock of ClickHouse
	Version uint64
}

// Recipients is where they are kept, in a table that only the writer may read.
type Recipients struct{ Conn driver.Conn }

// Errors of lists of recipients.
var (
	ErrNoRecipient    = errors.New("there is no such recipient")
	ErrRecipientThere = errors.New("the address is on the list already")
)

const (
	insertRecipient  = "INSERT INTO report_recipients (project, id, period, address, added_at, removed_at, version)"
	selectRecipients = `SELECT project, id, toString(period), address, added_at, version
FROM report_recipients FINAL WHERE removed_at = toDateTime64(0, 3, 'UTC') AND `
)

// List returns those of a project, or of all if it is empty, by project, period
// and the order of their coming.
func (r Recipients) List(ctx context.Context, project string) ([]Recipient, error) {
	return r.read(ctx, "({project:String} = '' OR project = {project:String}) ORDER BY project, period, added_at, id", map[string]string{"project": project})
}

// Find returns one; ErrNoRecipient if it is not on the list.
func (r Recipients) Find(ctx context.Context, project, id string) (Recipient, error) {
	found, err := r.read(ctx, "project = {project:String} AND id = {id:String}", map[string]string{"project": project, "id": id})
	if err == nil && len(found) == 0 {
		err = ErrNoRecipient
	}
	if err != nil {
		return Recipient{}, err
	}
	return found[0], nil
}

// Add puts an address on a list. ErrRecipientThere: it is on it. The address and
// the period are checked by the caller.
func (r Recipients) Add(ctx context.Context, project, period, address string) (Recipient, error) {
	found, err := r.byAddress(ctx, project, period, address)
	if err == nil && len(found) > 0 {
		err = ErrRecipientThere
	}
	if err != nil {
		return Recipient{}, err
	}
	now, err := serverNow(ctx, r.Conn)
	if err != nil {
		return Recipient{}, fmt.Errorf("add a recipient: %w", err)
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails, see crypto/rand
	added := Recipient{project, hex.EncodeToString(id[:]), period, address, now, 1}
	if err := insertState(ctx, r.Conn, insertRecipient, project, added.ID, period, address, now, never, added.Version); err != nil {
		return Recipient{}, fmt.Errorf("add a recipient: %w", err)
	}
	return added, nil
}

// RemoveAddress takes an address off a list, or off all lists of the project if
// period is empty. ErrNoRecipient: it was on none.
func (r Recipients) RemoveAddress(ctx context.Context, project, period, address string) error {
	found, err := r.byAddress(ctx, project, period, address)
	if err == nil && len(found) == 0 {
		err = ErrNoRecipient
	}
	for i := range found {
		err = errors.Join(err, r.Remove(ctx, found[i]))
	}
	return err
}

// Remove takes one off its list. The address goes with it, also from the disk,
// as soon as ClickHouse has merged the two rows, which it is asked to do at once.
func (r Recipients) Remove(ctx context.Context, to Recipient) error {
	now, err := serverNow(ctx, r.Conn)
	if err != nil {
		return fmt.Errorf("remove a recipient: %w", err)
	}
	if err := insertState(ctx, r.Conn, insertRecipient, to.Project, to.ID, to.Period, "", to.Added, now, to.Version+1); err != nil {
		return fmt.Errorf("remove a recipient: %w", err)
	}
	if err := r.Conn.Exec(quiet(ctx, nil), "OPTIMIZE TABLE report_recipients FINAL"); err != nil {
		return fmt.Errorf("remove the address of a recipient from the disk: %w", err)
	}
	return nil
}

func (r Recipients) byAddress(ctx context.Context, project, period, address string) ([]Recipient, error) {
	return r.read(ctx, `project = {project:String} AND ({period:String} = '' OR period = {period:String})
    AND lowerUTF8(address) = lowerUTF8({address:String})`, map[string]string{"project": project, "period": period, "address": address})
}

func (r Recipients) read(ctx context.Context, where string, values map[string]string) ([]Recipient, error) {
	rows, err := r.Conn.Query(quiet(ctx, values), selectRecipients+where)
	if err != nil {
		return nil, fmt.Errorf("read the recipients: %w", err)
	}
	var list []Recipient
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var to Recipient
		if err := scan(&to.Project, &to.ID, &to.Period, &to.Address, &to.Added, &to.Version); err != nil {
			return fmt.Errorf("read the recipients: %w", err)
		}
		list = append(list, to)
		return nil
	})
	return list, err
}
