package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
	"ibarura/internal/digest"
	"ibarura/internal/mail"
)

// mailPatience is mail.DefaultPatience, but in tests.
var mailPatience = mail.DefaultPatience

func (w *workshop) newCourier(store *access.Store, asker digest.Asker) (*mail.Courier, error) {
	post, err := newPost(&w.config.Mail)
	if err != nil {
		return nil, err
	}
	return mail.NewCourier(mail.Options{
		Instance: w.instance, Attempts: w.config.Mail.Attempts, Pause: w.config.Mail.Pause, Patience: mailPatience,
	}, mail.Deps{
		Post: post, Book: clickhouse.Deliveries{Conn: w.conn}, Lists: clickhouse.Recipients{Conn: w.conn}, Schedules: clickhouse.Mailings{Conn: w.conn},
		Projects: mailProjects(store), Asker: asker, Now: clickhouse.JobRuns{Conn: w.conn}.Now, Links: linksOf(w.config, w.conn),
		Log: w.log.Named("mail"), Metrics: mail.NewMetrics(w.reg),
	}), nil
}

func newPost(c *config.Mail) (*mail.Post, error) {
	password, err := c.Secret()
	if err != nil {
		return nil, err
	}
	server := mail.Server{
		Host: c.Host, Port: c.Port, TLS: mail.TLS(c.TLS), User: c.User, Password: password, From: c.From, Timeout: c.Timeout,
	}
	if c.TLSCAFile != "" {
		if server.Roots, err = roots(c.TLSCAFile); err != nil {
			return nil, err
		}
	}
	return mail.NewPost(server)
}

func roots(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("mail.tls-ca-file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("mail.tls-ca-file: %s holds no PEM certificate", file)
	}
	return pool, nil
}

// unsubscribeKey names the key that those links are signed with.
const unsubscribeKey = "unsubscribe"

// linksOf returns the links with their key, which is made when it is first needed.
func linksOf(c *config.Config, conn driver.Conn) func(context.Context) (mail.Links, error) {
	return func(ctx context.Context) (mail.Links, error) {
		var candidate [32]byte
		_, _ = rand.Read(candidate[:]) // never fails, see crypto/rand
		key, err := clickhouse.Mailings{Conn: conn}.SettleLinkKey(ctx, unsubscribeKey, candidate)
		return mail.Links{Base: c.Mail.BaseURL, Key: key}, err
	}
}

func newDesk(c *config.Config, conn driver.Conn) *mail.Desk {
	return &mail.Desk{Register: clickhouse.Recipients{Conn: conn}, Schedules: clickhouse.Mailings{Conn: conn}, Links: linksOf(c, conn)}
}

func mailProjects(store *access.Store) func(context.Context) ([]mail.Project, error) {
	return func(ctx context.Context) ([]mail.Project, error) {
		known, err := store.Projects(ctx)
		list := make([]mail.Project, 0, len(known))
		for _, p := range known {
			list = append(list, mail.Project{Name: p.Name, Zone: p.Zone})
		}
		return list, err
	}
}

// subjectOf is the report of a project about the period that begins on a day; an
// empty one: the last that is over.
func subjectOf(project access.StoredProject, period, from string) (digest.Subject, error) {
	p, err := digest.ParsePeriod(period)
	if err != nil {
		return digest.Subject{}, err
	}
	s := digest.Subject{Project: project.Name, Zone: project.Zone, Period: p}
	if from == "" {
		s.From, s.To = p.Ended(time.Now(), project.Zone)
		return s, nil
	}
	return s, s.Begin(from)
}
