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

// Delivery is how many distinct things came how far.
type Delivery struct {
	Sent      int      `json:"sent"`
	Delivered int      `json:"delivered"`
	Opened    int      `json:"opened"`
	Clicked   int      `json:"clicked"`
	OpenRate  *float64 `json:"open_rate"`
	ClickRate *float64 `json:"click_rate"`
	RateOver  string   `json:"rate_over"`
}

// DeliveryRank is that of a channel in a campaign, or of one of the two.
type DeliveryRank struct {
	Channel  *string `json:"channel,omitempty"`
	Campaign *string `json:"campaign,omitempty"`
	Delivery
}

// Notifications and Messages are told apart by channel and campaign, unless by
// names one of them.
func Notifications(events []Event, q Question) DeliveryReport {
	return q.deliveries(events, "notification_")
}

// Messages are like Notifications.
func Messages(events []Event, q Question) DeliveryReport { return q.deliveries(events, "message_") }

func (q Question) deliveries(events []Event, prefix string) DeliveryReport {
	var all []Event
	groups := map[[2]string][]Event{}
	for _, e := range inside(events, q) {
		if step, is := strings.CutPrefix(e.Type, prefix); !is || !slices.Contains(deliverySteps, step) {
			continue
		}
		all = append(all, e)
		var key [2]string
		for i, name := range []string{"channel", "campaign"} {
			if q.By == "" || q.By == "channel,campaign" || q.By == name {
				key[i] = e.Properties[name]
			}
		}
		groups[key] = append(groups[key], e)
	}
	answer := DeliveryReport{Totals: became(all, prefix), Rows: []DeliveryRank{}}
	for key, list := range groups {
		answer.Rows = append(answer.Rows, DeliveryRank{&key[0], &key[1], became(list, prefix)})
	}
	slices.SortFunc(answer.Rows, func(a, b DeliveryRank) int {
		return cmp.Or(cmp.Compare(b.Sent, a.Sent), cmp.Compare(b.Delivered, a.Delivered),
			cmp.Compare(*a.Channel, *b.Channel), cmp.Compare(*a.Campaign, *b.Campaign))
	})
	answer.Rows = top(q, answer.Rows)
	for i := range answer.Rows {
		switch q.By {
		case "channel":
			answer.Rows[i].Campaign = nil
		case "campaign":
			answer.Rows[i].Channel = nil
		}
	}
	return answer
}

var deliverySteps = []string{"sent", "delivered", "opened", "clicked"}

// became counts the distinct objects of each step.
func became(events []Event, prefix string) Delivery {
	objects := map[string]set{}
	alone := map[string]int{}
	for _, e := range events {
		if e.ObjectID == "" {
			alone[e.Type]++
		}
		objects[e.Type] = objects[e.Type].add(e.ObjectID)
	}
	count := func(step string) int { return len(objects[prefix+step]) + alone[prefix+step] }
	d := Delivery{Sent: count("sent"), Delivered: count("delivered"), Opened: count("opened"), Clicked: count("clicked"), RateOver: "sent"}
	over := d.Sent
	if d.Delivered > 0 {
		over, d.RateOver = d.Delivered, "delivered"
	}
	d.OpenRate, d.ClickRate = rate(d.Opened, over), rate(d.Clicked, over)
	return d
}
