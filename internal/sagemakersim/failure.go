package sagemakersim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// failure is an error of the service.
type failure struct {
	status        int
	code, message string
	header        bool // the code stands in a header instead of the body
}

func invalid(message string) *failure {
	return &failure{status: http.StatusBadRequest, code: "ValidationException", message: message}
}

func notFound(message string) *failure {
	return &failure{status: http.StatusBadRequest, code: "ResourceNotFound", message: message}
}

func noDomain(region, id string) *failure {
	return notFound("Domain [" + domainARN(region, id) + "] does not exist")
}

func noProfile(region, domainID, name string) *failure {
	return notFound("UserProfile [" + profileARN(region, domainID, strings.ToLower(name)) + "] does not exist")
}

func noSpace(region, domainID, name string) *failure {
	return notFound("Space [" + spaceARN(region, domainID, name) + "] does not exist")
}

func noApp(region, domainID string, a App) *failure {
	return notFound("App [" + appARN(region, domainID, a) + "] does not exist")
}

func inUse(message string) *failure {
	return &failure{status: http.StatusBadRequest, code: "ResourceInUse", message: message}
}

func forbidden(code, message string) *failure {
	return &failure{status: http.StatusForbidden, code: code, message: message}
}

// reply is what goes over the wire.
type reply struct {
	status    int
	kind      string // Content-Type
	errorType string // x-amzn-ErrorType
	body      []byte
}

const jsonKind = "application/x-amz-json-1.1"

func (f *failure) reply() reply {
	r := reply{status: f.status, kind: jsonKind}
	body := map[string]string{}
	if f.code != "" && !f.header {
		body["__type"] = f.code
	}
	if f.code != "" && f.header {
		r.errorType = f.code + ":http://internal.amazon.com/coral/com.amazon.coral.service/"
	}
	if f.message != "" {
		// Modelled errors of this service spell it Message, the generic ones
		// message.
		key := "message"
		switch f.code {
		case "ResourceNotFound", "ResourceInUse", "ResourceLimitExceeded":
			key = "Message"
		}
		body[key] = f.message
	}
	r.body, _ = json.Marshal(body) // a map of strings can't fail
	return r
}

func (f Fault) reply() reply {
	if f.Body != "" {
		status := f.Status
		if status == 0 {
			status = http.StatusOK
		}
		return reply{status: status, kind: "text/html", body: []byte(f.Body)}
	}
	status := f.Status
	switch {
	case status != 0:
	case f.Code != "":
		status = http.StatusBadRequest
	default:
		status = http.StatusInternalServerError
	}
	return (&failure{status: status, code: f.Code, message: f.Message, header: f.Header}).reply()
}

func (r reply) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", r.kind)
	h.Set("Content-Length", strconv.Itoa(len(r.body)))
	if r.errorType != "" {
		h.Set("x-amzn-ErrorType", r.errorType)
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // the client may be gone: its business
}
