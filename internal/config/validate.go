package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ibarura/internal/access"
)

// Validate returns every problem of the configuration, joined and sorted, each
// beginning with the name of the option; nil if there is none. Kong calls it.
func (c *Config) Validate() error {
	var p problems
	checkBounds(&p, c)
	checkSecrets(&p, c)
	c.checkKeys(&p)
	c.Project.check(&p)
	c.HTTP.check(&p)
	c.ClickHouse.check(&p)
	c.Engine.check(&p)
	c.Ingest.check(&p)
	c.Spool.check(&p)
	c.Jobs.check(&p)
	c.Mail.check(&p)
	slices.SortStableFunc(p, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(p...)
}

// problems collects what is wrong.
type problems []error

func (p *problems) add(option, format string, args ...any) {
	*p = append(*p, fmt.Errorf("%s: %s", option, fmt.Sprintf(format, args...)))
}

// checkSecrets refuses the mask itself, which is what somebody gets who copies
// it from the masked configuration.
func checkSecrets(p *problems, c *Config) {
	for _, flag := range optionsOf(c) {
		if secret, is := flag.Target.Interface().(Secret); is && secret == mask {
			p.add(flag.Name, "%s is what is shown in its place, not the secret", mask)
		}
	}
}

func (c *Config) checkKeys(p *problems) {
	for name, key := range map[string]Secret{"write-key": c.WriteKey, "read-key": c.ReadKey} {
		if key == "" || key == mask {
			continue
		}
		if err := access.CheckGivenKey(key.Reveal()); err != nil {
			p.add(name, "%s", err)
		}
	}
	if secret := c.Access.SessionSecret; secret != "" && secret != mask {
		if _, err := access.SessionSecret("", secret.Reveal()); err != nil {
			p.add("access.session-secret", "%s", err)
		}
	}
	for _, origin := range c.Access.EmbedOrigins {
		if _, err := access.ParseOrigin(origin); err != nil {
			p.add("access.embed-origins", "%s", err)
		}
	}
	if c.WriteKey != "" && c.WriteKey == c.ReadKey {
		p.add("read-key", "is the same as write-key: who may write could read everything")
	}
}

func (c *Project) check(p *problems) {
	if err := access.CheckProjectName(c.Name); err != nil {
		p.add("project.name", "%s", err)
	}
	if _, err := access.LoadZone(c.Timezone); err != nil {
		p.add("project.timezone", "%s", err)
	}
}

func (c *HTTP) check(p *problems) {
	checkAddress(p, "http.listen", c.Listen)
	if c.MaxBodyMemory/4 < c.MaxBodyBytes {
		p.add("http.max-body-memory", "%s is less than four times http.max-body-bytes (%s): the largest body might never be taken", c.MaxBodyMemory, c.MaxBodyBytes)
	}
	for _, proxy := range c.TrustedProxies {
		_, notAddress := netip.ParseAddr(proxy)
		_, notNetwork := netip.ParsePrefix(proxy)
		if notAddress != nil && notNetwork != nil {
			p.add("http.trusted-proxies", "%q is neither an IP address nor a network such as 10.0.0.0/8", proxy)
		}
	}
}

// identifier is what a database or a user may be called: names that need no
// quotes anywhere.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// embeddedNames are the names in the embedded engine's users file, which are
// the defaults.
var embeddedNames = map[string]string{
	"clickhouse.database": "ibarura", "clickhouse.bi-database": "bi",
	"clickhouse.user": "ibarura", "clickhouse.reader-user": "ibarura_reader", "clickhouse.bi-user": "bi",
}

func (c *ClickHouse) check(p *problems) {
	for _, addr := range c.Addr {
		checkAddress(p, "clickhouse.addr", addr)
	}
	for option, name := range map[string]string{
		"clickhouse.database": c.Database, "clickhouse.bi-database": c.BIDatabase,
		"clickhouse.user": c.User, "clickhouse.reader-user": c.ReaderUser, "clickhouse.bi-user": c.BIUser,
	} {
		if !identifier.MatchString(name) {
			p.add(option, "%q is no name: 1 to 63 letters, digits and _, not beginning with a digit", name)
		} else if c.Embedded() && name != embeddedNames[option] {
			p.add(option, "is always %s in the embedded engine; %q needs clickhouse.addr", embeddedNames[option], name)
		}
	}
	if c.Database == c.BIDatabase {
		p.add("clickhouse.bi-database", "is the same as clickhouse.database: BI tools would see the raw tables")
	}
	c.checkTLS(p)
}

func (c *ClickHouse) checkTLS(p *problems) {
	if c.TLS && c.Embedded() {
		p.add("clickhouse.tls", "needs clickhouse.addr: the embedded engine listens on 127.0.0.1 without TLS")
	}
	for name, value := range map[string]string{
		"clickhouse.tls-ca-file": c.TLSCAFile, "clickhouse.tls-server-name": c.TLSServerName,
	} {
		if value != "" && !c.TLS {
			p.add(name, "is set, but clickhouse.tls is not")
		}
	}
	checkReadable(p, "clickhouse.tls-ca-file", c.TLSCAFile)
}

func (c *Engine) check(p *problems) {
	checkReadable(p, "engine.library", c.Library)
	checkReadable(p, "engine.binary", c.Binary)
	if c.Library != "" && c.Binary != "" {
		p.add("engine.binary", "is set together with engine.library: only one of them can run")
	}
	if c.TCPPort != 0 && c.TCPPort == c.HTTPPort {
		p.add("engine.http-port", "%d is engine.tcp-port too", c.HTTPPort)
	}
}

func (c *Ingest) check(p *problems) {
	for _, name := range c.PassiveTypes {
		if strings.TrimSpace(name) == "" {
			p.add("ingest.passive-types", "has an empty event type")
		}
	}
	checkReadable(p, "ingest.country-db", c.CountryDB)
}

// checkAddress wants host:port with a numeric port.
func checkAddress(p *problems, option, addr string) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		p.add(option, "%q is not host:port", addr)
		return
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		p.add(option, "%q has no port from 0 to 65535", addr)
	}
}

// checkReadable wants a file that can be read, if one is named.
func checkReadable(p *problems, option, path string) {
	if path == "" {
		return
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		p.add(option, "%s", err)
	case info.IsDir():
		p.add(option, "%s is a folder, not a file", path)
	}
}
