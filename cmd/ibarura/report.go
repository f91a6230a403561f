package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
	"ibarura/internal/digest"
	"ibarura/internal/mail"
	"ibarura/internal/report"
)

type reportCmd struct {
	Recipients reportRecipients `cmd:"" help:"Who gets reports."`
	Schedule   reportSchedule   `cmd:"" help:"Show or set when reports of a project are sent, and in which language."`
	Preview    reportPreview    `cmd:"" help:"Write a report as it would be sent: print its text, or with --out write HTML, text and pictures."`
	Send       reportSend       `cmd:"" help:"Send a report now to all of its list who have not got it. Nobody gets one twice."`
	Deliveries reportDeliveries `cmd:"" help:"List the reports of the last 30 days of which nobody knows whether they arrived."`
}

// aReport names a report of a project.
type aReport struct {
	ForProject string `name:"project" default:"default" help:"The project."`
	Period     string `name:"period" default:"week" enum:"day,week,month" help:"What the report is about: day, week or month."`
	From       string `name:"from" placeholder:"YYYY-MM-DD" help:"First day of the period. Without, the last period that is over."`
}

// order is what the flags ask for.
func (a *aReport) order(ctx context.Context, conn driver.Conn) (mail.Order, error) {
	project, err := access.NewStore(conn).Project(ctx, a.ForProject)
	if err != nil {
		return mail.Order{}, err
	}
	subject, err := subjectOf(project, a.Period, a.From)
	if err != nil {
		return mail.Order{}, err
	}
	set, err := clickhouse.Mailings{Conn: conn}.List(ctx)
	return mail.Order{Subject: subject, Language: mail.MailingOf(set, project.Name, subject.Period).Language}, err
}

type reportPreview struct {
	config.Config
	aReport
	Language string `name:"language" default:"" enum:",en,fr,rw" help:"Language: en, fr or rw. Without, that of the project's reports."`
	Out      string `name:"out" type:"path" placeholder:"DIR" help:"Folder for report.html, report.txt and the pictures. It is made if absent."`
}

func (r *reportPreview) Run(ctx context.Context) error {
	return withWorkshop(ctx, &r.Config, func(w *workshop) error {
		o, err := r.order(ctx, w.conn)
		if err != nil {
			return err
		}
		if r.Language != "" {
			o.Language = r.Language
		}
		return w.withAsker(func(asker *report.Service) error { return r.write(ctx, asker, o) })
	})
}

func (r *reportPreview) write(ctx context.Context, asker digest.Asker, o mail.Order) error {
	numbers, err := digest.Collect(ctx, asker, o.Subject)
	if err != nil {
		return err
	}
	draft, err := digest.Compose(numbers, o.Language)
	if err != nil {
		return err
	}
	letter, err := draft.Letter(digest.Links{Dashboard: r.Mail.BaseURL})
	if err != nil {
		return err
	}
	if r.Out == "" {
		fmt.Printf("%s\n\n%s", letter.Subject, letter.Text)
		return nil
	}
	return writeLetter(r.Out, letter)
}

// writeLetter writes a letter so that a browser shows it.
func writeLetter(dir string, letter *mail.Letter) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	html := letter.HTML
	files := map[string][]byte{"report.txt": []byte(letter.Text)}
	for _, image := range letter.Images {
		html = strings.ReplaceAll(html, "cid:"+image.ID, image.ID+".png")
		files[image.ID+".png"] = image.PNG
	}
	files["report.html"] = []byte(html)
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	return nil
}

type reportSend struct {
	config.Config
	aReport
	Again bool   `name:"again" help:"Also to those of whom nobody knows whether it arrived, and to those whom the mail server refused. Who certainly got it does not get it again."`
	To    string `name:"to" placeholder:"ADDRESS" help:"Send it to this address alone, which need not be on the list, and note nothing: for trying the mail server out."`
}

// statusLeftOut says that somebody was left out of whom nobody knows whether the
// report arrived.
const statusLeftOut = exitStatus(3)

func (r *reportSend) Run(ctx context.Context) error {
	if !r.Mail.Sends() {
		return fmt.Errorf("mail.host: no mail server is set")
	}
	return withWorkshop(ctx, &r.Config, func(w *workshop) error {
		o, err := r.order(ctx, w.conn)
		if err != nil {
			return err
		}
		o.Again = r.Again
		return w.withAsker(func(asker *report.Service) error { return r.send(ctx, w, asker, o) })
	})
}

func (r *reportSend) send(ctx context.Context, w *workshop, asker digest.Asker, o mail.Order) error {
	courier, err := w.newCourier(access.NewStore(w.conn), asker)
	if err != nil {
		return err
	}
	if r.To != "" {
		return courier.Try(ctx, o, r.To)
	}
	done, err := courier.Send(ctx, o)
	fmt.Printf("the %s from %s of %s: %d attempts made, %d had got it before, %d left out since nobody knows\n",
		o.Subject.Period, o.Subject.From, o.Subject.Project, done.Made, done.Before, done.Unknown)
	if err == nil && done.Unknown > 0 {
		return statusLeftOut
	}
	return err
}

type reportDeliveries struct {
	config.Config
	Accept bool `name:"accept" help:"Take all of them to have arrived, after having listed them."`
}

func (r *reportDeliveries) Run(ctx context.Context) error {
	return withWorkshop(ctx, &r.Config, func(w *workshop) error {
		if err := listUnsettled(ctx, os.Stdout, w.conn); err != nil || !r.Accept {
			return err
		}
		book := clickhouse.Deliveries{Conn: w.conn}
		list, err := book.Unsettled(ctx, mailPatience, mostShown)
		for i := range list {
			err = errors.Join(err, book.Settle(ctx, list[i], clickhouse.DeliverySent, "taken to have arrived, by an operator"))
		}
		return err
	})
}

// mostShown bounds how many deliveries are listed.
const mostShown = 1000

func listUnsettled(ctx context.Context, out io.Writer, conn driver.Conn) error {
	list, err := clickhouse.Deliveries{Conn: conn}.Unsettled(ctx, mailPatience, mostShown)
	if err != nil || len(list) == 0 {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "\nNOBODY KNOWS WHETHER THESE REPORTS ARRIVED; ibarura report send --again SENDS THEM AGAIN, deliveries --accept TAKES THEM TO HAVE ARRIVED")
	_, _ = fmt.Fprintln(table, "PROJECT\tPERIOD\tFROM\tRECIPIENT\tATTEMPT\tSTATE\tSINCE\tERROR")
	for i := range list {
		d := &list[i]
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", d.Project, d.Period, d.From.Format(time.DateOnly), d.Recipient, d.Attempt, d.State, moment(d.Changed), d.Error)
	}
	return table.Flush()
}
