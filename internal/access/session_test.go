package access

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func newSessions(d *Directory) *Sessions {
	return &Sessions{Directory: d, Secret: bytes.Repeat([]byte("s"), minSessionSecret), Age: time.Hour, Clock: time.Now}
}

func wantSession(t *testing.T, s *Sessions, token string, needed Scope, want error) {
	t.Helper()
	if _, _, err := s.Authorize(t.Context(), token, needed); !errors.Is(err, want) {
		t.Errorf("token %.20q…: %v, want %v", token, err, want)
	}
}

func TestASessionHasTheRightsOfItsKeyAndNotTheKey(t *testing.T) {
	_, d, _ := newFake()
	s := newSessions(d)
	for key, who := range goodKeys() {
		token, ends := s.Issue(who)
		if strings.Contains(token, key) {
			t.Errorf("the key is in its token %s", token)
		}
		for _, needed := range Scopes() {
			wantSession(t, s, token, needed, who.Require(needed))
		}
		if got, until, err := s.Authorize(t.Context(), token, who.Scope); err != nil || got.KeyID != who.KeyID || !until.Equal(ends) {
			t.Errorf("%+v until %v, %v; want %+v until %v", got, until, err, who, ends)
		}
	}
}

func TestASessionEndsWithItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, d, _ := newFake()
		s := newSessions(d)
		token, ends := s.Issue(goodKeys()["ibr_r"])
		time.Sleep(time.Until(ends) - time.Nanosecond)
		wantSession(t, s, token, Read, nil)
		time.Sleep(time.Nanosecond)
		wantSession(t, s, token, Read, ErrUnauthorized)
	})
}

func TestARevokedKeyEndsItsSessionsAsSoonAsItIsRefusedItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, _ := newFake()
		s := newSessions(d)
		token, _ := s.Issue(goodKeys()["ibr_r"])
		wantSession(t, s, token, Read, nil)
		store.set(func() { delete(store.keys, "ibr_r") })
		time.Sleep(time.Second)
		wantSession(t, s, token, Read, ErrUnauthorized)
		wantAnswer(t, d, "ibr_r", ErrUnauthorized)
	})
}

func TestASessionOfAKeyThatIsNewerThanTheCopyIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, _ := newFake()
		s := newSessions(d)
		wantAnswer(t, d, "ibr_r", nil)
		who := Principal{Project: Project{Name: "p", Zone: time.UTC}, KeyID: "new", Scope: Read}
		store.set(func() { store.keys["ibr_new"] = who })
		time.Sleep(unknownKeyAge)
		token, _ := s.Issue(who)
		wantSession(t, s, token, Read, nil)
	})
}

func TestAnAlteredTokenIsNobodys(t *testing.T) {
	_, d, _ := newFake()
	s := newSessions(d)
	token, _ := s.Issue(goodKeys()["ibr_r"])
	admin, _ := s.Issue(goodKeys()["iba_a"])
	other := newSessions(d)
	other.Secret = bytes.Repeat([]byte("o"), minSessionSecret)
	foreign, _ := other.Issue(goodKeys()["ibr_r"])
	signature := token[strings.LastIndexByte(token, '.'):]
	for _, bad := range []string{
		"", ".", "..", "1", foreign, token + "A", token[:len(token)-1], strings.Repeat("1", maxTokenBytes+1),
		admin[:strings.LastIndexByte(admin, '.')] + signature, strings.Replace(token, "idr", "ida", 1), "2" + token[1:],
	} {
		wantSession(t, s, bad, Read, ErrUnauthorized)
	}
}

func FuzzATokenThatWasNotIssuedIsNobodys(f *testing.F) {
	_, d, _ := newFake()
	s := newSessions(d)
	token, _ := s.Issue(goodKeys()["ibr_r"])
	f.Add(token[:len(token)-2])
	f.Add("1.idr.99999999999.AAAA")
	f.Add("...")
	f.Fuzz(func(t *testing.T, bad string) {
		if _, _, good := s.open(bad); good && bad != token {
			t.Errorf("%q is taken for a token", bad)
		}
	})
}

func TestASecretIsKeptForItsOwnerAndFoundAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "sessions.json")
	made, err := SessionSecret(path, "")
	if err != nil || len(made) != minSessionSecret {
		t.Fatalf("%d bytes, %v", len(made), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if again, err := SessionSecret(path, ""); err != nil || !bytes.Equal(again, made) {
		t.Errorf("another secret the second time: %v", err)
	}
	given := strings.Repeat("g", minSessionSecret)
	if got, err := SessionSecret(path, given); err != nil || string(got) != given {
		t.Errorf("%q, %v", got, err)
	}
}

func TestABadSecretIsRefusedAndNotShown(t *testing.T) {
	if _, err := SessionSecret("", "hunter2"); !errors.Is(err, ErrInvalid) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
	for _, text := range []string{"", "{", `{"secret":"aHVudGVyMg=="}`} {
		path := filepath.Join(t.TempDir(), "sessions.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := SessionSecret(path, ""); err == nil || strings.Contains(err.Error(), "aHVu") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
