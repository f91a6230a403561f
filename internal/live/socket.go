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
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return fmt.Errorf("upgrade to a WebSocket: %w", err)
	}
	conn.SetReadLimit(1)
	ctx := conn.CloseRead(context.WithoutCancel(r.Context()))
	for {
		m, err := reader.Next(ctx)
		if err != nil {
			endSocket(conn, err)
			return nil
		}
		if writeSocket(ctx, conn, m.socket) != nil {
			return nil
		}
	}
}

func writeSocket(ctx context.Context, conn *websocket.Conn, text []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	err := conn.Write(ctx, websocket.MessageText, text)
	if err != nil {
		_ = conn.CloseNow() // it is of no use any more
	}
	return err
}

// endSocket says why nothing more comes, with a message and in the close frame.
func endSocket(conn *websocket.Conn, err error) {
	var why *End
	if !errors.As(err, &why) {
		_ = conn.CloseNow() // the client has gone
		return
	}
	if writeSocket(context.Background(), conn, newMessage("", endEvent, reason{why.Reason}).socket) == nil {
		_ = conn.Close(why.code, why.Reason) // the client may have gone meanwhile
	}
}
