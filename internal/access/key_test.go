package access

import (
	"regexp"
	"testing"
	"testing/quick"
)

func TestGeneratedKeysSayTheirScopeAndDiffer(t *testing.T) {
	form := map[Scope]*regexp.Regexp{
		Write: regexp.MustCompile(`^ibw_[0-9A-Za-z]{43}$`),
		Read:  regexp.MustCompile(`^ibr_[0-9A-Za-z]{43}$`),
		Admin: regexp.MustCompile(`^iba_[0-9A-Za-z]{43}$`),
	}
	seen := map[string]bool{}
	for _, scope := range Scopes() {
		for range 200 {
			key := newKey(scope)
			if !form[scope].MatchString(key) || seen[key] {
				t.Fatalf("a %s key has the wrong form, or was made twice", scope)
			}
			if err := CheckGivenKey(key); err != nil {
				t.Fatalf("a generated key could not be given: %v", err)
			}
			seen[key] = true
		}
	}
}

func TestKeyIDsAreShort(t *testing.T) {
	form := regexp.MustCompile(`^[0-9A-Za-z]{11}$`)
	for range 200 {
		if id := newKeyID(); !form.MatchString(id) {
			t.Fatalf("id %q", id)
		}
	}
}

func TestPresentedKeysHashAsStoredOnes(t *testing.T) {
	same := func(key string) bool {
		return len(key) > maxKeyBytes || hashPresented(key) == hashKey(key)
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
}

func TestScopesAreReadAsTheyAreWritten(t *testing.T) {
	for _, scope := range Scopes() {
		var parsed Scope
		text, err := scope.MarshalText()
		if err == nil {
			err = parsed.UnmarshalText(text)
		}
		if err != nil || parsed != scope {
			t.Errorf("%s came back as %s, %v", scope, parsed, err)
		}
	}
	for _, name := range []string{"", "Write", "root", "scope(4)"} {
		if _, err := ParseScope(name); err == nil {
			t.Errorf("%q was read as a scope", name)
		}
	}
}
