package oracle

import (
	"cmp"
	"slices"
	"strings"
)

// DeliveryReport is what became of what was sent.
type DeliveryReport struct {
	Totals Delivery       `json:"totals"`
	Rows   []DeliveryRank `json:"rows"`
}

// Delivery is how many distinct objects were sent, delivered, opened, clicked.
type Delivery struct {
	Sent      int      `json:"sent"`
	Delivered int      `json:"delivered"`
	Opened    int      `json:"opened"`
	Clicked   int      `json:"clicked"`
	OpenRate  *float64 `json:"open_rate"`
	ClickRate *float64 `json:"click_rate"`
	RateOver  string   `json:"rate_over"`
}

// DeliveryRank is that of a channel, a campaign, or a channel in a campaign.
type DeliveryRank struct {
	Channel  *string `json:"channel,omitempty"`
	Campaign *string `json:"campaign,omitempty"`
	Delivery
}

// Notifications and Messages are told by the prefix of the types.
func Notifications(events []Event, q Question) DeliveryReport {
	return deliveries(events, q, "notification_")
}

// Messages is the same about messages.
func Messages(events []Event, q Question) DeliveryReport { return deliveries(events, q, "message_") }

func deliveries(events []Event, q Question, prefix string) DeliveryReport {
	var of []Event
	for _, e := range inside(events, q) {
		if strings.HasPrefix(e.Type, prefix) {
			of = append(of, e)
		}
	}
	return DeliveryReport{Totals: delivered(of, prefix), Rows: top(q, q.ranks(of, prefix))}
}

// ranks tells the events apart by their own channel and campaign.
func (q Question) ranks(events []Event, prefix string) []DeliveryRank {
	type key struct{ channel, campaign string }
	groups := map[key][]Event{}
	for _, e := range events {
		k := key{e.Properties["channel"], e.Properties["campaign"]}
		if q.By == "channel" {
			k.campaign = ""
		}
		if q.By == "campaign" {
			k.channel = ""
		}
		if _, known := step(e, prefix); known {
			groups[k] = append(groups[k], e)
		}
	}
	rows := []DeliveryRank{}
	for k, group := range groups {
		rows = append(rows, DeliveryRank{&k.channel, &k.campaign, delivered(group, prefix)})
	}
	slices.SortFunc(rows, func(a, b DeliveryRank) int {
		return cmp.Or(cmp.Compare(b.Sent, a.Sent), cmp.Compare(b.Delivered, a.Delivered),
			cmp.Compare(*a.Channel, *b.Channel), cmp.Compare(*a.Campaign, *b.Campaign))
	})
	for i := range rows {
		switch q.By {
		case "channel":
			rows[i].Campaign = nil
		case "campaign":
			rows[i].Channel = nil
		}
	}
	return rows
}

// step is what an event says became of its object.
func step(e Event, prefix string) (what string, known bool) {
	what = strings.TrimPrefix(e.Type, prefix)
	return what, slices.Contains([]string{"sent", "delivered", "opened", "clicked"}, what)
}

// delivered counts distinct objects; an event without one is one of its own.
func delivered(events []Event, prefix string) Delivery {
	objects := map[string]map[string]bool{"sent": {}, "delivered": {}, "opened": {}, "clicked": {}}
	for _, e := range events {
		object := "object " + e.ObjectID
		if e.ObjectID == "" {
			object = "event " + e.ID
		}
		if what, known := step(e, prefix); known {
			objects[what][object] = true
		}
	}
	d := Delivery{
		Sent: len(objects["sent"]), Delivered: len(objects["delivered"]), Opened: len(objects["opened"]), Clicked: len(objects["clicked"]),
		RateOver: "sent",
	}
	over := d.Sent
	if d.Delivered > 0 {
		d.RateOver, over = "delivered", d.Delivered
	}
	d.OpenRate, d.ClickRate = rate(d.Opened, over), rate(d.Clicked, over)
	return d
}
