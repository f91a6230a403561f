package clickhouse_test

import (
	"encoding/xml"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// Error codes of ClickHouse for users that live in files: the engine library
// keeps them nowhere else.
const (
	codeReadonlyStorage   = 495
	codeNoWritableStorage = 514
)

// TestSQLForUsersIsRefusedOnlyForItsStorage shows that the engine understands
// every statement of users.sql: what it says of them is that users are in files.
func TestSQLForUsersIsRefusedOnlyForItsStorage(t *testing.T) {
	addr := startServer(t, "users.d/ibarura.xml")
	admin := open(t, addr, "admin", adminPassword)
	passwords := driver.Parameters{
		"writer_password": writerPassword, "reader_password": readerPassword, "bi_password": biPassword,
	}
	for _, statement := range statements(t, "users.sql") {
		err := admin.Exec(driver.Context(t.Context(), driver.WithParameters(passwords)), statement)
		if c := code(err); c != codeReadonlyStorage && c != codeNoWritableStorage {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// usersFile is users.d/ibarura.xml as far as grants go. A removed user has none.
type usersFile struct {
	Users struct {
		List []struct {
			XMLName xml.Name
			Grants  []string `xml:"grants>query"`
		} `xml:",any"`
	} `xml:"users"`
}

func TestUsersHaveTheSameRightsInFilesAndInSQL(t *testing.T) {
	text, err := os.ReadFile("users.d/ibarura.xml")
	if err != nil {
		t.Fatal(err)
	}
	var file usersFile
	if err := xml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	inSQL := statements(t, "users.sql")
	grants := 0
	for _, user := range file.Users.List {
		for _, grant := range user.Grants {
			grants++
			preposition := "TO"
			if strings.HasPrefix(grant, "REVOKE") {
				preposition = "FROM"
			}
			if want := fmt.Sprintf("%s %s %s", grant, preposition, user.XMLName.Local); !slices.Contains(inSQL, want) {
				t.Errorf("users.sql has no %q", want)
			}
		}
	}
	if grants == 0 {
		t.Error("no grants were found in the file")
	}
}

// statements returns the statements of a .sql file without its comments.
func statements(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "--") {
			code.WriteString(line)
		}
	}
	var list []string
	for statement := range strings.SplitSeq(code.String(), ";\n") {
		if statement = strings.TrimSpace(statement); statement != "" {
			list = append(list, statement)
		}
	}
	return list
}
