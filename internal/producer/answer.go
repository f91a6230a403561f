package producer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Answer is what the server made of a batch.
type Answer struct {
	Accepted   int        `json:"accepted"`
	Duplicates int        `json:"duplicates"`
	Rejected   []Rejected `json:"rejected"`
	// Unlisted counts rejections that the server did not list one by one.
	Unlisted int `json:"rejected_unlisted"`

	status int
}

// Rejected is an item that was not taken in. Sending it again would not help.
type Rejected struct {
	Index   int    `json:"index"` // line of the batch, from 0
	Code    string `json:"code"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// Error is an answer other than 200.
type Error struct {
	Status int
	Code   string // of the problem; empty: not one of our servers
	Detail string

	retryAfter time.Duration
}

func (e *Error) Error() string {
	text := fmt.Sprintf("the server answered %d %s", e.Status, http.StatusText(e.Status))
	if e.Code != "" {
		text += " (" + e.Code + ")"
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 16 << 20

// readAnswer reads an answer to its end.
func readAnswer(resp *http.Response) (Answer, error) {
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return Answer{status: resp.StatusCode}, fmt.Errorf("read answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return readProblem(resp, text)
	}
	answer := Answer{Accepted: -1, status: resp.StatusCode}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Accepted < 0 {
		return Answer{status: resp.StatusCode}, errNotOurs
	}
	return answer, nil
}

// errNotOurs is an answer 200 by something else, such as a proxy's page. It is
// final: nothing says that the items were taken in.
var errNotOurs = errors.New("the answer is not one of an ibarura server: is the address right?")

// readProblem reads an answer in the shape of RFC 9457, or any other.
func readProblem(resp *http.Response, text []byte) (Answer, error) {
	var problem struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
		Result Answer `json:"result"`
	}
	_ = json.Unmarshal(text, &problem) // not JSON: a proxy's answer, of which the status is enough
	problem.Result.status = resp.StatusCode
	return problem.Result, &Error{
		Status: resp.StatusCode, Code: problem.Code, Detail: problem.Detail,
		retryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now()),
	}
}

// retryAfter reads the header in either of its forms; 0: none.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// taken adds up what failed attempts took in before they failed. The last
// attempt finds those items again as duplicates, which they are not.
type taken int

func (t *taken) add(a Answer) { *t += taken(a.Accepted) }

func (t *taken) settle(a Answer) Answer {
	n := min(int(*t), a.Duplicates)
	a.Accepted += n
	a.Duplicates -= n
	return a
}
