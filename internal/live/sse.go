package live

import (
	"errors"
	"net/http"
)

// ServeEvents answers with the reader's messages as server-sent events, until
// the client goes away or the reader ends. Both are no errors: the answer has
// begun.
func ServeEvents(w http.ResponseWriter, r *http.Request, reader *Reader) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // nginx would collect messages
	control := http.NewResponseController(w)
	out := &eventWriter{w: w, control: control, deadline: deadline{set: control.SetWriteDeadline}}
	w.WriteHeader(http.StatusOK)
	if out.write(nil) != nil {
		return
	}
	for {
		m, err := reader.Next(r.Context())
		if err != nil {
			out.end(err)
			return
		}
		if out.write(m.sse) != nil {
			return
		}
	}
}

type eventWriter struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	deadline deadline
}

func (o *eventWriter) write(text []byte) error {
	o.deadline.touch()
	if _, err := o.w.Write(text); err != nil {
		return err
	}
	return o.control.Flush()
}

// end says why nothing more comes.
func (o *eventWriter) end(err error) {
	var why *End
	if errors.As(err, &why) {
		_ = o.write(newMessage("", endEvent, reason{why.Reason}).sse) // the last word; who does not hear it sees the end
	}
}
