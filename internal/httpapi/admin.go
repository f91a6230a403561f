package httpapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"ibarura/internal/clickhouse"
	"ibarura/internal/erasure"
)

// Erasing takes orders to erase persons, and shows what became of them;
// erasure.Desk does.
type Erasing interface {
	// Place returns the receipt of the order, which is carried out by itself.
	Place(ctx context.Context, r erasure.Request) (erasure.Receipt, error)
	// Receipts lists those of a project, the newest first, without subjects.
	Receipts(ctx context.Context, project string, most int) ([]erasure.Receipt, error)
	// Receipt returns one of a project, and false if it has no such order.
	Receipt(ctx context.Context, project, id string) (erasure.Receipt, bool, error)
}

const (
	maxEraseBytes   = 64 << 10
	defaultReceipts = 100
	maxReceipts     = 1000
)

// eraseBody says who is to be erased.
type eraseBody struct {
	Project   string `json:"project"`   // the key's, if it is given
	User      string `json:"user"`      // user id
	Anonymous string `json:"anonymous"` // anonymous id
	Linked    bool   `json:"linked"`    // and the anonymous ids that were said to be the user
	Block     bool   `json:"block"`     // refuse what comes later
}

// postErase orders an erasure. The answer is its receipt as it stands: 200 if it
// is finished, else 202.
func (s *Server) postErase(c *gin.Context) (any, error) {
	sent, err := s.eraseBody(c)
	if err != nil {
		return nil, err
	}
	project := principal(c).Project.Name
	if sent.Project != "" && sent.Project != project {
		p := problem(http.StatusForbidden, "forbidden", "project: this key is of another project")
		p.Field = "project"
		return nil, p
	}
	r := erasure.Request{Project: project, Linked: sent.Linked, Block: sent.Block}
	if sent.User != "" {
		r.Users = []string{sent.User}
	}
	if sent.Anonymous != "" {
		r.Anonymous = []string{sent.Anonymous}
	}
	receipt, err := s.erasing.Place(c.Request.Context(), r)
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if receipt.State != clickhouse.ErasureFinished {
		status = http.StatusAccepted
		c.Header("Location", "/api/v1/admin/erasures/"+receipt.Erasure)
	}
	text, err := json.Marshal(receipt)
	return plain{status, "application/json; charset=utf-8", text}, err
}

func (s *Server) eraseBody(c *gin.Context) (sent eraseBody, err error) {
	body, done, err := s.readBody(c)
	if err != nil {
		return sent, err
	}
	defer done()
	if len(body) > maxEraseBytes {
		return sent, problem(http.StatusRequestEntityTooLarge, "body_too_large", "an order has at most %d bytes", maxEraseBytes)
	}
	// The library's own message would repeat what was sent.
	if err := json.Unmarshal(body, &sent, json.RejectUnknownMembers(true)); err != nil {
		return sent, problem(http.StatusBadRequest, "invalid_json", "the body is no order: want {\"user\": ID}, and of anonymous, linked, block and project what is needed")
	}
	return sent, nil
}

// erasures is a list of receipts.
type erasures struct {
	Erasures []erasure.Receipt `json:"erasures"`
}

// getErasures lists the receipts of the key's project.
func (s *Server) getErasures(c *gin.Context) (any, error) {
	most := defaultReceipts
	if given := c.Query("limit"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 || n > maxReceipts {
			return nil, badParameter("limit", "out_of_range", "limit is to be a whole number, 1 to %d", maxReceipts)
		}
		most = n
	}
	list, err := s.erasing.Receipts(c.Request.Context(), principal(c).Project.Name, most)
	return erasures{list}, err
}

// getErasure shows one receipt of the key's project.
func (s *Server) getErasure(c *gin.Context) (any, error) {
	r, found, err := s.erasing.Receipt(c.Request.Context(), principal(c).Project.Name, c.Param("id"))
	if err == nil && !found {
		err = problem(http.StatusNotFound, "not_found", "the project has no such erasure")
	}
	return r, err
}
