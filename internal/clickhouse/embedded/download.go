package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/schollz/progressbar/v3"
)

// barrenTries is the number of requests in a row without one new byte after
// which a download fails. A request that brings something does not count: the
// next one continues where it broke off. What has arrived is kept for the next
// call of Fetch even then.
const barrenTries = 8

// newDownloadClient returns a client without a limit on the whole, since lines
// are slow, but with one on each wait for an answer.
func newDownloadClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: 20 * time.Second}).DialContext
	transport.ResponseHeaderTimeout = 30 * time.Second
	return &http.Client{Transport: transport}
}

// download appends to the file at path until it holds what url has.
func (f *fetcher) download(ctx context.Context, url, path string) error {
	defer f.client.CloseIdleConnections()
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	barren := 0
	try := func() (int64, error) {
		gained, err := f.continueDownload(ctx, url, file)
		if barren++; gained > 0 {
			barren = 0
			f.pause.Reset()
		}
		if barren >= barrenTries {
			err = backoff.Permanent(err)
		}
		return gained, err
	}
	_, err = backoff.Retry(ctx, try,
		backoff.WithBackOff(f.pause),
		backoff.WithMaxElapsedTime(0), // no limit: lines are slow
		backoff.WithNotify(func(err error, wait time.Duration) {
			f.say("\nThe download broke off (%v), it goes on in %s", err, wait.Round(100*time.Millisecond))
		}))
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	return nil
}

// continueDownload makes one request for what the file lacks and returns the
// number of bytes that it brought. An error is backoff.Permanent if another try
// cannot help.
func (f *fetcher) continueDownload(ctx context.Context, url string, file *os.File) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	have, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, backoff.Permanent(err)
	}
	response, err := f.request(ctx, url, have)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	have, complete, err := f.resumeAt(response, file, have)
	if err != nil || complete {
		return 0, err
	}
	return f.receive(ctx, cancel, response, file, have)
}

// receive appends a response's body to the file, which has so many bytes.
func (f *fetcher) receive(ctx context.Context, cancel context.CancelCauseFunc, response *http.Response, file *os.File, have int64) (int64, error) {
	bar := f.bar(have, response.ContentLength)
	defer bar.Close()
	body := newStallReader(response.Body, f.stall, cancel)
	defer body.stop()
	gained, err := io.Copy(io.MultiWriter(file, bar), body)
	if onDisk := new(fs.PathError); errors.As(err, &onDisk) {
		return gained, backoff.Permanent(err)
	}
	if stalled := context.Cause(ctx); err != nil && stalled != nil {
		return gained, stalled
	}
	return gained, err
}

func (f *fetcher) request(ctx context.Context, url string, have int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, backoff.Permanent(err)
	}
	request.Header.Set("Accept-Encoding", "identity") // the checksum is of these very bytes
	if have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	return f.client.Do(request)
}

// resumeAt reads the status: at which byte the body begins, whether the file is
// complete without it. The file stands at that byte.
func (f *fetcher) resumeAt(response *http.Response, file *os.File, have int64) (begin int64, complete bool, err error) {
	switch status := response.StatusCode; {
	case status == http.StatusPartialContent && startsAt(response, have):
		return have, false, nil
	case status == http.StatusRequestedRangeNotSatisfiable && endsAt(response, have):
		return have, true, nil
	case status == http.StatusOK:
		return 0, false, restart(file)
	case status == http.StatusPartialContent || status == http.StatusRequestedRangeNotSatisfiable:
		// What is here is no beginning of what is there.
		return 0, false, errors.Join(fmt.Errorf("the server has other content than before"), restart(file))
	case status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout:
		return 0, false, fmt.Errorf("the server answered %s", response.Status)
	default:
		return 0, false, backoff.Permanent(fmt.Errorf("the server answered %s", response.Status))
	}
}

func startsAt(response *http.Response, offset int64) bool {
	return strings.HasPrefix(response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", offset))
}

func endsAt(response *http.Response, size int64) bool {
	return response.Header.Get("Content-Range") == fmt.Sprintf("bytes */%d", size)
}

// restart empties the file.
func restart(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return backoff.Permanent(err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return backoff.Permanent(err)
	}
	return nil
}

// bar shows a download that has so many bytes and expects more, -1 if unknown.
func (f *fetcher) bar(have, expected int64) *progressbar.ProgressBar {
	total := int64(-1)
	if expected >= 0 {
		total = have + expected
	}
	bar := progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(f.progress),
		progressbar.OptionSetDescription("engine"),
		progressbar.OptionShowBytes(true),
		progressbar.OptionShowTotalBytes(true),
		progressbar.OptionThrottle(500*time.Millisecond),
		progressbar.OptionSpinnerType(14),
		progressbar.OptionOnCompletion(func() { fmt.Fprintln(f.progress) }))
	_ = bar.Set64(have)
	return bar
}
