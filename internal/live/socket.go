package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/coder/websocket"
)

// ServeSocket upgrades a request and sends the reader's messages, each as a text
// message, until the client goes away or the reader ends. The caller has looked
// at the page's origin. An error means that the client has got an answer that is
// no upgrade. What a client sends is not expected, and ends the connection.
func ServeSocket(w http.ResponseWriter, r *http.Request, reader *Reader) error {
	conn, err := websocket.Accept(boundedWriter{w}, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return fmt.Errorf("upgrade to a WebSocket: %w", err)
	}
	defer func() { _ = conn.CloseNow() }() // what is closed already stays so
	ctx, gone := context.WithCancelCause(context.WithoutCancel(r.Context()))
	defer gone(nil)
	go func() { gone(listen(conn)) }()
	for {
		m, err := reader.Next(ctx)
		if err != nil {
			endSocket(conn, errors.Join(err, context.Cause(ctx)))
			return nil
		}
		if writeSocket(conn, m.socket) != nil {
			return nil
		}
	}
}

// listen answers pings, and returns once the client has gone or says something.
// The library's CloseRead does that too, but waits a quarter of a minute for
// itself when a client says something.
func listen(conn *websocket.Conn) error {
	if _, _, err := conn.Reader(context.Background()); err != nil {
		return err
	}
	return endTalk
}

// writeSocket is bounded by its connection, and not by a context, which would
// cost a timer for every message of every reader.
func writeSocket(conn *websocket.Conn, text []byte) error {
	return conn.Write(context.Background(), websocket.MessageText, text)
}

// endSocket says why nothing more comes, with a message and in the close frame.
func endSocket(conn *websocket.Conn, err error) {
	var why *End
	if !errors.As(err, &why) {
		return // the client has gone
	}
	if writeSocket(conn, newMessage("", endEvent, reason{why.Reason}).socket) == nil {
		_ = conn.Close(why.code, why.Reason) // the client may have gone meanwhile
	}
}
