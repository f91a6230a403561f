package openapi

import (
	_ "embed"
	"encoding/json"
	"path"
	"reflect"
	"strings"
)

// What the source says of types and fields is not in the program. A test takes
// it out of the source and compares it with this file, which -update rewrites.
//
//go:embed comments.json
var commentsFile []byte

var comments = func() map[string]string {
	list := map[string]string{}
	if err := json.Unmarshal(commentsFile, &list); err != nil {
		panic("openapi: comments.json: " + err.Error()) // it is a part of the program
	}
	return list
}()

// CommentKey is under which the comment of a type, or of one of its fields, is
// kept.
func CommentKey(t reflect.Type, field string) string {
	return strings.TrimSuffix(path.Base(t.PkgPath())+"."+t.Name()+"."+field, ".")
}

func comment(t reflect.Type, field string) string { return comments[CommentKey(t, field)] }
