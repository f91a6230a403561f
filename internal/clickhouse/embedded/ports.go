package embedded

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// ErrPortInUse says that something else listens on a port that was asked for.
var ErrPortInUse = errors.New("port is in use")

// ports are the two ports of the engine.
type ports struct {
	TCP, HTTP int
	// Picked says that at least one was picked by choosePorts, so that another
	// may take its place.
	Picked bool
}

// choosePorts checks the ports that were asked for and picks free ones in
// place of 0. Both are held until both are known, so that they differ.
func choosePorts(host string, tcp, http int) (ports, error) {
	chosen := ports{Picked: tcp == 0 || http == 0}
	for _, p := range []struct {
		name, flag string
		asked      int
		out        *int
	}{
		{"native", "--engine.tcp-port", tcp, &chosen.TCP},
		{"HTTP", "--engine.http-port", http, &chosen.HTTP},
	} {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(p.asked)))
		if errors.Is(err, syscall.EADDRINUSE) {
			return ports{}, fmt.Errorf("%w: the engine's %s port %d on %s; free it, or choose another with %s (0 picks one)",
				ErrPortInUse, p.name, p.asked, host, p.flag)
		}
		if err != nil {
			return ports{}, fmt.Errorf("engine: %s port: %w", p.name, err)
		}
		defer listener.Close()
		*p.out = listener.Addr().(*net.TCPAddr).Port
	}
	return chosen, nil
}
