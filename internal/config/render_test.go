package config_test

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"ibarura/internal/config"
)

func render(t *testing.T, c config.Config, masked bool) string {
	t.Helper()
	var out bytes.Buffer
	if err := c.Render(&out, masked); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// changed is a valid configuration in which every option differs from its
// default.
func changed(t *testing.T) config.Config {
	t.Helper()
	c := config.Default()
	alter(reflect.ValueOf(&c).Elem(), reflect.ValueOf(config.Default()))
	file := write(t, "")
	c.File = ""
	c.DataDir = "/srv/a folder: with #odd 'names'"
	c.WriteKey, c.ReadKey = "hunter2-the-write-key", "hunter2-the-read-key"
	c.Project = config.Project{Name: "kigali", Timezone: "Africa/Kigali"}
	c.HTTP.Listen, c.HTTP.WriteTimeout = ":80", 10*time.Minute
	c.HTTP.TrustedProxies = []string{"10.0.0.0/8", "::1"}
	c.ClickHouse.Addr = []string{"db1:9440", "[::1]:9440"}
	c.ClickHouse.TLSCAFile, c.ClickHouse.TLSServerName = file, "db"
	c.ClickHouse.Password, c.ClickHouse.ReaderPassword = "hunter2: \"#\\\n\tü\x01", "~"
	c.Engine.Library, c.Engine.Binary, c.Engine.CacheDir = file, "", "/srv/cache"
	c.Engine.MemoryLimit = 3 << 30
	c.Ingest.PassiveTypes, c.Ingest.CountryDB = []string{"a,b", "true"}, file
	c.Ingest.Reconcile = "force"
	c.Spool.Dir, c.Spool.Acknowledge, c.Spool.Compression = "/srv/spool", "write", "s2"
	c.Tracking.Visitors = "none"
	c.Jobs = config.Jobs{Retention: "@daily", Reports: "*/10 * * * *", Salts: "@hourly"}
	c.Mail.TLS, c.Mail.TLSCAFile, c.Mail.Password, c.Mail.PasswordFile = "tls", file, "hunter2", ""
	c.Mail.From, c.Mail.BaseURL = "Reports <reports@example.org>", "https://stats.example.org"
	c.Access.SessionSecret = "hunter2-which-signs-all-the-sessions"
	c.Access.EmbedOrigins = []string{"https://intranet.example.org", "https://*.example.com"}
	c.Log = config.Log{Level: "error", Format: "console"}
	c.Debug.CPUProfile = file
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

// alter moves every number and switch, and appends to every text.
func alter(v, from reflect.Value) {
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Struct:
			alter(f, from.Field(i))
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.String:
			f.SetString(f.String() + "_x")
		case reflect.Int, reflect.Int64:
			f.SetInt(f.Int() + 1)
		case reflect.Uint64:
			f.SetUint(f.Uint() + 1024)
		default:
		}
	}
}

func TestRenderedConfigurationReadsBackTheSame(t *testing.T) {
	for name, c := range map[string]config.Config{"default": config.Default(), "changed": changed(t)} {
		t.Run(name, func(t *testing.T) {
			got := mustLoad(t, "--config", write(t, render(t, c, false)))
			got.File = ""
			if c.HTTP.TrustedProxies == nil { // an empty list is no list
				got.HTTP.TrustedProxies, got.ClickHouse.Addr, got.Access.EmbedOrigins = nil, nil, nil
			}
			if diff := cmp.Diff(c, got); diff != "" {
				t.Errorf("read back (-rendered +read):\n%s", diff)
			}
		})
	}
}

func TestMaskedConfigurationReadsBackWithoutItsSecrets(t *testing.T) {
	c := changed(t)
	text := render(t, c, true)
	for _, secret := range []config.Secret{c.WriteKey, c.ReadKey, c.ClickHouse.Password, c.Mail.Password, c.Access.SessionSecret} {
		if strings.Contains(text, secret.Reveal()) || strings.Contains(text, "hunter2") {
			t.Fatalf("a secret is shown:\n%s", text)
		}
	}
	if n := strings.Count(text, `"***" is set, and not shown`); n != 6 {
		t.Errorf("%d secrets are marked as set, want 6:\n%s", n, text)
	}
	got := mustLoad(t, "--config", write(t, text))
	got.File, c.WriteKey, c.ReadKey, c.ClickHouse.Password, c.ClickHouse.ReaderPassword, c.Mail.Password, c.Access.SessionSecret = "", "", "", "", "", "", ""
	if diff := cmp.Diff(c, got); diff != "" {
		t.Errorf("read back (-rendered +read):\n%s", diff)
	}
}

func TestRenderedConfigurationIsPlainYAML(t *testing.T) {
	var sections map[string]any
	if err := yaml.Unmarshal([]byte(render(t, changed(t), false)), &sections); err != nil {
		t.Fatal(err)
	}
	if timeout := sections["http"].(map[string]any)["write-timeout"]; timeout != "10m" {
		t.Errorf("http.write-timeout is %v, want 10m", timeout)
	}
}

// Every option is set by its variable alone, to the value that changed has.
func TestEveryOptionHasAVariable(t *testing.T) {
	want := changed(t)
	want.ClickHouse.Password = "hunter2" // what a variable can hold
	want.Ingest.PassiveTypes = []string{"a", "b"}
	var sections map[string]any
	if err := yaml.Unmarshal([]byte(render(t, want, false)), &sections); err != nil {
		t.Fatal(err)
	}
	count := setVariables(t, "IBARURA", sections)
	got := mustLoad(t)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%d variables (-want +got):\n%s", count, diff)
	}
	var reference bytes.Buffer
	if err := config.Reference(&reference); err != nil {
		t.Fatal(err)
	}
	if options := strings.Count(reference.String(), "| `--"); count != options {
		t.Errorf("%d variables were tried, of %d options", count, options)
	}
}

func setVariables(t *testing.T, prefix string, values map[string]any) int {
	t.Helper()
	count := 0
	for key, value := range values {
		name := prefix + "_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
		switch v := value.(type) {
		case map[string]any:
			count += setVariables(t, name, v)
			continue
		case []any:
			var list []string
			for _, entry := range v {
				list = append(list, entry.(string))
			}
			t.Setenv(name, strings.Join(list, ","))
		default:
			text, err := yaml.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			var plain string
			if err := yaml.Unmarshal(text, &plain); err != nil {
				t.Fatal(err)
			}
			t.Setenv(name, plain)
		}
		count++
	}
	return count
}

func TestReferenceIsUpToDate(t *testing.T) {
	const path = "REFERENCE.md"
	var out bytes.Buffer
	if err := config.Reference(&out); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(out.String(), string(kept)); diff != "" {
		t.Errorf("%s is out of date; write it with -update (-want +got):\n%s", path, diff)
	}
}
