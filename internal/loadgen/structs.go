package loadgen

import "ibarura/internal/event"

// Event makes the next event as the server would read it from AppendJSON: two
// generators with equal options and clocks give equal events either way.
func (g *Generator) Event() event.Event {
	g.tick()
	a := g.next()
	return g.eventOf(&a)
}

func (g *Generator) eventOf(a *act) event.Event {
	e := event.Event{
		ID:         string(g.ids.appendTo(nil, a.number)),
		Type:       kinds[a.kind].name,
		OccurredAt: a.at,
		Identity: event.Identity{
			UserID:    string(appendUser(nil, a.user)),
			SessionID: string(appendHex(nil, session(a.user, a.at), 16)),
			Role:      g.role(a.user),
		},
		Properties: g.words.details[a.kind][a.detail].properties,
	}
	if object := kinds[a.kind].object; object != "" {
		e.Object = event.Object{Type: object, ID: string(g.appendObject(nil, a))}
		if object == "post" {
			e.Tags = g.words.tagsOf(a.object).names
		}
	}
	return e
}
