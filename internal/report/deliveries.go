package report

import (
	"context"
	"strings"
)

// DeliveryReport is what became of what was sent.
type DeliveryReport struct {
	Totals Delivery       `json:"totals"`
	Rows   []DeliveryRank `json:"rows"`
}

// Delivery is how many distinct notifications or messages were sent, delivered,
// opened and clicked.
type Delivery struct {
	Sent      uint64 `json:"sent"`
	Delivered uint64 `json:"delivered"`
	Opened    uint64 `json:"opened"`
	Clicked   uint64 `json:"clicked"`
	// OpenRate and ClickRate are shares of what RateOver names; null of nothing.
	OpenRate  *float64 `json:"open_rate" column:"share"`
	ClickRate *float64 `json:"click_rate" column:"share"`
	RateOver  string   `json:"rate_over"` // delivered where deliveries are reported, else sent
}

// DeliveryRank is that of a channel, a campaign, or a channel in a campaign.
type DeliveryRank struct {
	Channel  *string `json:"channel,omitempty"`
	Campaign *string `json:"campaign,omitempty"`
	Delivery
}

// notifications and messaging answer with a DeliveryReport: most sent first,
// then most delivered, then by channel and campaign.
var (
	notifications = deliveries("notifications", "notifications", notificationSources)
	messaging     = deliveries("messaging", "messaging", messagingSources)
)

const deliveriesBy = "by"

func deliveries(path, key string, sources deliverySources) Endpoint {
	return Endpoint{
		Path: path, Definition: define(key), Fields: eventFields &^ ByType,
		Options: []Option{choiceOption(deliveriesBy, "what the rows are told apart by", "channel,campaign", "channel", "campaign")},
		Ranking: true,
		build:   func(ctx context.Context, a *asking) (any, error) { return a.deliveries(ctx, sources) },
	}
}

// deliverySources are how the totals are read, and the rows.
type deliverySources struct{ totals, rows []source }

func (a *asking) deliveries(ctx context.Context, sources deliverySources) (*DeliveryReport, error) {
	var data DeliveryReport
	err := together(ctx,
		into(&data.Totals, a.total(), func(ctx context.Context, s scope) (Delivery, error) {
			return a.deliveryTotals(ctx, s.plan(sources.totals))
		}),
		into(&data.Rows, a.total(), func(ctx context.Context, s scope) ([]DeliveryRank, error) {
			return a.deliveryRanking(ctx, s, s.plan(sources.rows))
		}),
	)
	return &data, err
}

// deliveryRow is a row as it is read.
type deliveryRow struct {
	channel, campaign string
	Delivery
}

func deliveryColumns(r *deliveryRow) []any {
	return []any{&r.channel, &r.campaign, &r.Sent, &r.Delivered, &r.Opened, &r.Clicked}
}

func (a *asking) deliveryTotals(ctx context.Context, p Plan) (Delivery, error) {
	var all Delivery
	rows, err := rowsOf(ctx, a, p, deliveryColumns)
	if len(rows) > 0 {
		all = rows[0].Delivery
	}
	return all.rated(), err
}

func (a *asking) deliveryRanking(ctx context.Context, s scope, p Plan) ([]DeliveryRank, error) {
	rows, err := ranking(ctx, a, s, p, deliveryColumns)
	list := make([]DeliveryRank, len(rows))
	for i := range rows {
		list[i].Delivery = rows[i].rated()
		if by := a.option(deliveriesBy); by != "campaign" {
			list[i].Channel = &rows[i].channel
		}
		if by := a.option(deliveriesBy); by != "channel" {
			list[i].Campaign = &rows[i].campaign
		}
	}
	return list, err
}

// rated works out the rates.
func (d Delivery) rated() Delivery {
	over := d.Sent
	d.RateOver = "sent"
	if d.Delivered > 0 {
		over = d.Delivered
		d.RateOver = "delivered"
	}
	d.OpenRate, d.ClickRate = share(d.Opened, over), share(d.Clicked, over)
	return d
}

// deliveryParams ask for rows that are told apart by some names, of the types
// that say what became of something.
func deliveryParams(types []string, by func(scope) string) func(scope) params {
	return func(s scope) params {
		return s.rankedParams().with(params{
			"delivery_types": texts(types),
			deliveriesBy:     texts(strings.Split(by(s), ",")),
		})
	}
}

// deliveriesBySource makes the ways to answer about four types.
func deliveriesBySource(types []string) deliverySources {
	table := []string{"events"}
	nothing := func(scope) string { return "" }
	asked := func(s scope) string {
		if by := s.Options[deliveriesBy]; by != "" {
			return by
		}
		return "channel,campaign"
	}
	return deliverySources{
		totals: []source{{"deliveries", table, eventFields, always, deliveryParams(types, nothing)}},
		rows:   []source{{"deliveries", table, eventFields, always, deliveryParams(types, asked)}},
	}
}
