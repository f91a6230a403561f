package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
	"ibarura/internal/erasure"
	"ibarura/internal/event"
)

// eraseCmd places an order, which the running servers carry out, and waits for
// it. It may be repeated: an order that is not finished is gone on with.
type eraseCmd struct {
	config.Config
	ForProject string        `name:"project" default:"default" help:"Project that the person is of."`
	User       []string      `name:"user" sep:"none" placeholder:"ID" help:"User id to forget. May be given several times."`
	Anonymous  []string      `name:"anonymous" sep:"none" placeholder:"ID" help:"Anonymous id to forget: the rows that have no user id. May be given several times."`
	Linked     bool          `name:"linked" help:"Forget the anonymous ids too of which producers have said that they are one of the users."`
	List       bool          `name:"list" help:"Only print those anonymous ids, in clear."`
	Block      bool          `name:"block" help:"Refuse rows of the person from now on. Without, what comes later is stored, as of a new person."`
	Wait       time.Duration `name:"wait" default:"30m" help:"How long to wait for the receipt. The order stands in any case."`
	Receipt    string        `name:"receipt" type:"path" placeholder:"FILE" help:"Write the receipt into this file, too; it names nobody in clear."`
}

// statusUnfinished says that the order stands and is not carried out yet.
const statusUnfinished = exitStatus(3)

var errFoundAgain = errors.New("the person was found all the same; see found in the receipt")

// Run ends with status 0 once the receipt says that nothing is left, 1 if
// something is, 3 if that is not known in time.
func (e *eraseCmd) Run(ctx context.Context) error {
	return withStorage(ctx, &e.Config, func(s *storage) error {
		conn, err := clickhouse.Open(s.target)
		if err != nil {
			return err
		}
		err = e.checkProject(ctx, access.NewStore(conn))
		if err == nil {
			err = e.run(ctx, clickhouse.Erasures{Conn: conn})
		}
		return errors.Join(err, conn.Close())
	})
}

func (e *eraseCmd) checkProject(ctx context.Context, store *access.Store) error {
	_, err := store.Project(ctx, e.ForProject)
	return err
}

func (e *eraseCmd) run(ctx context.Context, orders clickhouse.Erasures) error {
	linked, err := e.linked(ctx, orders)
	if err != nil {
		return err
	}
	if e.List {
		for _, id := range linked {
			fmt.Println(id)
		}
		return nil
	}
	if !e.Linked && len(linked) > 0 {
		fmt.Fprintf(os.Stderr, "%d anonymous ids were said to be these users; --list shows them, --linked forgets them too\n", len(linked))
	}
	o, err := erasure.Place(ctx, orders, erasure.Request{
		Project: e.ForProject, Users: e.User, Anonymous: e.Anonymous, Linked: e.Linked, Block: e.Block,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "erasure %s is ordered; each running server does its part\n", o.ID)
	return e.await(ctx, orders, o.ID)
}

// linked lists the anonymous ids of the users.
func (e *eraseCmd) linked(ctx context.Context, orders clickhouse.Erasures) ([]string, error) {
	if len(e.User) == 0 {
		return nil, nil
	}
	var persons []uint64
	for _, id := range e.User {
		persons = append(persons, event.PersonOf(event.Identity{UserID: id}))
	}
	return orders.Linked(ctx, e.ForProject, persons, erasure.MaxPersons)
}

// lookAtOrder is the pause between two looks at an order.
const lookAtOrder = 500 * time.Millisecond

// await waits until an order is finished, and prints its receipt.
func (e *eraseCmd) await(ctx context.Context, orders clickhouse.Erasures, id string) error {
	waiting, done := context.WithTimeout(ctx, e.Wait)
	defer done()
	for {
		o, err := orders.Get(ctx, id)
		if err != nil {
			return err
		}
		if o == nil {
			return fmt.Errorf("erasure %s is gone", id)
		}
		if o.State == clickhouse.ErasureFinished {
			return e.print(*o)
		}
		select {
		case <-time.After(lookAtOrder):
		case <-waiting.Done():
			fmt.Fprintf(os.Stderr, "erasure %s is %s and goes on by itself, while a server runs; the same command waits for it again\n", id, o.State)
			return errors.Join(e.print(*o), statusUnfinished)
		}
	}
}

// print shows a receipt, and returns an error if it does not say that all is
// well, though the order is finished.
func (e *eraseCmd) print(o clickhouse.Erasure) error {
	receipt, err := erasure.ReceiptOf(o)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(receipt, "", "  ")
	if err != nil {
		return fmt.Errorf("write the receipt: %w", err)
	}
	text = append(text, '\n')
	if e.Receipt != "" {
		err = os.WriteFile(e.Receipt, text, 0o600)
	}
	if _, printed := os.Stdout.Write(text); err == nil {
		err = printed
	}
	if err == nil && o.State == clickhouse.ErasureFinished && !receipt.Clean {
		err = errFoundAgain
	}
	return err
}
