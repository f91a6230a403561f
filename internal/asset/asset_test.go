package asset_test

import (
	"testing"

	"ibarura/internal/asset"
)

func TestAClientGetsTheSmallestFormThatItTakes(t *testing.T) {
	a := asset.New([]byte("all there is"))
	for accept, want := range map[string]string{
		"":                          "",
		"identity":                  "",
		"gzip":                      "gzip",
		"gzip, deflate, br, zstd":   "br",
		"gzip;q=1.0, br;q=0":        "gzip",
		"GZIP ; q=0.5":              "gzip",
		"br;q=nonsense":             "br",
		"xgzip, brr":                "",
		"gzip;q=0, br;q=0, *;q=0.1": "",
	} {
		if got := a.For(accept); got.Encoding != want {
			t.Errorf("%q gets %q, want %q", accept, got.Encoding, want)
		}
	}
	tags := map[string]bool{a.For("br").ETag: true, a.For("gzip").ETag: true, a.For("").ETag: true}
	if len(tags) != 3 {
		t.Errorf("different bytes share an ETag: %v", tags)
	}
}
