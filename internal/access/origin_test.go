package access_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/access"
)

func TestAnOriginIsReadAsBrowsersWriteIt(t *testing.T) {
	for text, want := range map[string]string{
		"https://a.example":            "https://a.example",
		" HTTPS://A.Example:443 ":      "https://a.example",
		"http://a.example:80":          "http://a.example",
		"http://a.example:8080":        "http://a.example:8080",
		"https://*.example.org":        "https://*.example.org",
		"http://[2001:db8::1]:3000":    "http://[2001:db8::1]:3000",
		"capacitor://localhost":        "capacitor://localhost",
		"*":                            "*",
		"a.example":                    "",
		"https://a.example/":           "",
		"https://a.example/path":       "",
		"https://a.*.example":          "",
		"https://*":                    "",
		"https://*.":                   "",
		"https://user@a.example":       "",
		"https://a.example:port":       "",
		"https://a.example\r\nX: y":    "",
		"https://a.example, https://b": "",
		"null":                         "",
		"":                             "",
	} {
		got, err := access.ParseOrigin(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is read as %q, %v; want %q", text, got, err, want)
		}
		if err != nil && !errors.Is(err, access.ErrInvalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAnOriginIsAllowedByItsListAlone(t *testing.T) {
	for _, c := range []struct {
		list    []string
		origin  string
		allowed bool
	}{
		{nil, "https://a.example", false},
		{[]string{"https://a.example"}, "https://a.example", true},
		{[]string{"https://a.example"}, "http://a.example", false},
		{[]string{"https://a.example"}, "https://a.example:8443", false},
		{[]string{"https://a.example"}, "https://b.a.example", false},
		{[]string{"https://a.example"}, "https://xa.example", false},
		{[]string{"https://*.a.example"}, "https://a.example", false},
		{[]string{"https://*.a.example"}, "https://b.a.example", true},
		{[]string{"https://*.a.example"}, "https://c.b.a.example", true},
		{[]string{"https://*.a.example"}, "https://.a.example", false},
		{[]string{"https://*.a.example"}, "https://evil.example/.a.example", false},
		{[]string{"https://*.a.example"}, "https://evil.example?.a.example", false},
		{[]string{"https://*.a.example"}, "https://b.a.example.evil.example", false},
		{[]string{"https://*.a.example:8443"}, "https://b.a.example:8443", true},
		{[]string{"https://*.a.example:8443"}, "https://b.a.example", false},
		{[]string{"*"}, "https://anything.example", true},
		{[]string{"*"}, "null", true},
		{[]string{"https://b.example", "https://*.a.example"}, "null", false},
	} {
		project := access.NewProject("p", time.UTC, c.list)
		if got := project.AllowsOrigin(c.origin); got != c.allowed {
			t.Errorf("%v allows %s: %t", c.list, c.origin, got)
		}
	}
}

func TestChangedOriginsReachEveryProcessWithTheNextCopy(t *testing.T) {
	store := newStore(t)
	ctx := t.Context()
	if _, err := store.CreateProject(ctx, "a", "Africa/Kigali"); err != nil {
		t.Fatal(err)
	}
	_, secret, err := store.CreateKey(ctx, "a", access.Write, "")
	if err != nil {
		t.Fatal(err)
	}
	directory := access.NewDirectory(store, access.DirectoryOptions{Refresh: time.Millisecond}, prometheus.NewRegistry())
	for _, c := range []struct{ add, remove, want []string }{
		{nil, nil, nil},
		{[]string{"https://b.example", "HTTPS://A.example:443"}, nil, []string{"https://a.example", "https://b.example"}},
		{[]string{"https://a.example"}, []string{"https://c.example"}, []string{"https://a.example", "https://b.example"}},
		{[]string{"https://*.c.example"}, []string{"https://b.example"}, []string{"https://*.c.example", "https://a.example"}},
	} {
		project, err := store.ChangeOrigins(ctx, "a", c.add, c.remove)
		if err != nil || !slices.Equal(project.Origins, c.want) || project.Zone.String() != "Africa/Kigali" {
			t.Errorf("+%v -%v: %+v, %v", c.add, c.remove, project, err)
		}
	}
	time.Sleep(2 * time.Millisecond)
	who, err := directory.Authenticate(ctx, secret)
	if err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[string]bool{"https://a.example": true, "https://x.c.example": true, "https://b.example": false} {
		if got := who.Project.AllowsOrigin(origin); got != want {
			t.Errorf("the project allows %s: %t", origin, got)
		}
		if got, err := directory.AnyAllowsOrigin(ctx, origin); got != want || err != nil {
			t.Errorf("some project allows %s: %t, %v", origin, got, err)
		}
	}
}

func TestOriginsThatBreakARuleChangeNothing(t *testing.T) {
	store := newStore(t)
	if _, err := store.CreateProject(t.Context(), "a", "UTC"); err != nil {
		t.Fatal(err)
	}
	var many []string
	for i := range access.MaxOrigins + 1 {
		many = append(many, "https://"+strconv.Itoa(i)+".example")
	}
	for _, add := range [][]string{{"https://good.example", "no origin"}, many} {
		if _, err := store.ChangeOrigins(t.Context(), "a", add, nil); !errors.Is(err, access.ErrInvalid) {
			t.Errorf("%d origins: %v", len(add), err)
		}
	}
	if _, err := store.ChangeOrigins(t.Context(), "b", nil, nil); !errors.Is(err, access.ErrNoProject) {
		t.Errorf("a project that is not there: %v", err)
	}
	if project, err := store.Project(t.Context(), "a"); err != nil || len(project.Origins) != 0 {
		t.Errorf("%+v, %v", project, err)
	}
}
