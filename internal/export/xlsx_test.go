package export_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"ibarura/internal/export"
	"ibarura/internal/report"
)

func TestWhatExcelDoesNotHoldIsRefusedByItsLimit(t *testing.T) {
	tooMany := &report.Answer{Data: make([]report.TypeCount, 1_048_576)}
	tooLong := &report.Answer{Data: []report.TypeCount{{Type: strings.Repeat("x", 32_768)}}}
	for want, answer := range map[string]*report.Answer{"1048576": tooMany, "32767": tooLong} {
		file, err := export.NewFile(export.XLSX, "p", "events/types", "", answer)
		if err != nil {
			t.Fatal(err)
		}
		var limit *export.LimitError
		if err := file.Write(io.Discard); !errors.As(err, &limit) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want the limit %s", err, want)
		}
	}
}
