package embedded

import (
	"bytes"
	"embed"
	"encoding/xml"
	"fmt"
	"path/filepath"
	"runtime"
	"text/template"
)

//go:embed templates/*
var templateFiles embed.FS

var templates = template.Must(template.New("").
	Funcs(template.FuncMap{"xml": escapeXML, "sha256": passwordHash}).
	ParseFS(templateFiles, "templates/*"))

// engineConfig is what the templates of config.xml and users.xml are filled with.
type engineConfig struct {
	ListenHost string
	TCPPort    int
	HTTPPort   int
	// DataPath and UsersFile are absolute.
	DataPath  string
	UsersFile string
	// Memory is the server's limit in bytes. A reading query has a quarter of
	// it unless it asks for more, and one of a BI tool may ask for half.
	Memory      uint64
	Pool        int
	Sync        bool // parts are synced before an insert is answered
	Credentials Credentials
}

func newEngineConfig(opts Options, dir folder, ports ports, creds Credentials) engineConfig {
	return engineConfig{
		ListenHost:  opts.ListenHost,
		TCPPort:     ports.TCP,
		HTTPPort:    ports.HTTP,
		DataPath:    dir.data(),
		UsersFile:   dir.file("users.xml"),
		Memory:      opts.MemoryLimit,
		Pool:        min(max(2*runtime.NumCPU(), 4), 16),
		Sync:        opts.Sync,
		Credentials: creds,
	}
}

// HalfMemory is the most that a query of a BI tool may ask for, in bytes.
func (c engineConfig) HalfMemory() uint64 { return c.Memory / 2 }

// QuarterMemory is what one reading query has unless it asks, in bytes.
func (c engineConfig) QuarterMemory() uint64 { return c.Memory / 4 }

// write renders config.xml, users.xml and start.sql into dir.
func (c engineConfig) write(dir string) error {
	for _, name := range []string{"config.xml", "users.xml", "start.sql"} {
		var text bytes.Buffer
		if err := templates.ExecuteTemplate(&text, name, c); err != nil {
			return fmt.Errorf("engine: render %s: %w", name, err)
		}
		if err := writeFile(filepath.Join(dir, name), text.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func escapeXML(text string) (string, error) {
	var out bytes.Buffer
	err := xml.EscapeText(&out, []byte(text))
	return out.String(), err
}
