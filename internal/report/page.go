package report

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// maxSkipped is how far a cursor goes: a ranking is sorted anew for every page.
const maxSkipped = 100_000

// cursorBytes are the offset, and the beginning of the hash of its question.
const cursorBytes = 4 + 12

// cursorAt makes the cursor of a complete question that goes on at an offset.
func (q Question) cursorAt(path string, offset int) string {
	cursor := binary.BigEndian.AppendUint32(nil, uint32(offset))
	return base64.RawURLEncoding.EncodeToString(append(cursor, q.identity(path)[:cursorBytes-4]...))
}

// offsetOf reads a cursor back. It belongs to its question alone: the same one
// with another filter or range has other rows.
func (q Question) offsetOf(path string) (int, *QuestionError) {
	if q.Cursor == "" {
		return 0, nil
	}
	cursor, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || len(cursor) != cursorBytes {
		return 0, wrong(CodeInvalid, "cursor", "is none that an answer gave")
	}
	offset := binary.BigEndian.Uint32(cursor)
	if string(cursor[4:]) != string(q.identity(path)[:cursorBytes-4]) || offset > maxSkipped {
		return 0, wrong(CodeInvalid, "cursor", "belongs to another question: begin again without it")
	}
	return int(offset), nil
}

// identity is a hash of everything that decides the rows of an answer.
func (q Question) identity(path string) []byte {
	text, err := json.Marshal([]any{
		path, q.Project, q.ProjectZone.String(), q.Zone.String(), q.From.String(), q.To.String(), q.Interval, q.Filter.inOrder(), q.Options, q.query,
	})
	if err != nil {
		panic(fmt.Sprintf("report: a question cannot be written: %v", err)) // strings, numbers and maps of strings can
	}
	hash := sha256.Sum256(text)
	return hash[:]
}

// pageOf reads a page of a ranking; more reports whether there are rows behind
// it. The plan's query takes limit and offset of scope.pageParams. fields
// returns where the columns of a row go.
func pageOf[T any](ctx context.Context, a *asking, s scope, p Plan, fields func(*T) []any) (page []T, more bool, err error) {
	rows, err := rowsOf(ctx, a, p, fields)
	if len(rows) > s.Limit {
		return rows[:s.Limit], true, err
	}
	return rows, false, err
}

// ranking reads the page that the question asks for, and notes the cursor to
// the next one.
func ranking[T any](ctx context.Context, a *asking, s scope, p Plan, fields func(*T) []any) ([]T, error) {
	rows, more, err := pageOf(ctx, a, s, p, fields)
	if more && s.offset+s.Limit <= maxSkipped {
		a.next = s.cursorAt(a.endpoint.Path, s.offset+s.Limit)
	}
	return rows, err
}

// first reads the first rows of a ranking that is one part of an answer.
func first[T any](ctx context.Context, a *asking, s scope, p Plan, fields func(*T) []any) ([]T, error) {
	rows, _, err := pageOf(ctx, a, s, p, fields)
	return rows, err
}

// rowsOf reads the rows of a plan. fields returns where the columns of a row
// go.
func rowsOf[T any](ctx context.Context, a *asking, p Plan, fields func(*T) []any) ([]T, error) {
	list := []T{}
	err := a.read(ctx, p, func(scan func(dest ...any) error) error {
		var row T
		if err := scan(fields(&row)...); err != nil {
			return err
		}
		list = append(list, row)
		return nil
	})
	return list, err
}
