package sagemakersim

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// bodyLimit is far above any request of these operations.
const bodyLimit = 1 << 20

// targetPrefix is the service's name in X-Amz-Target.
const targetPrefix = "SageMaker."

// request is a call on its way through an operation.
type request struct {
	body   []byte
	region string // that it is signed for
	call   *Call
}

// operations is the table of what the service can do. A new operation is one
// more row.
func operations() map[string]operation {
	rows := map[string]func(*Server, *request) (any, *failure){
		"CreatePresignedDomainUrl":               (*Server).createPresignedDomainURL,
		"DescribeDomain":                         (*Server).describeDomain,
		"ListUserProfiles":                       (*Server).listUserProfiles,
		"DescribeUserProfile":                    (*Server).describeUserProfile,
		"CreateUserProfile":                      (*Server).createUserProfile,
		"ListTags":                               (*Server).listTags,
		"AddTags":                                (*Server).addTags,
		"DeleteTags":                             (*Server).deleteTags,
		"ListSpaces":                             (*Server).listSpaces,
		"DescribeSpace":                          (*Server).describeSpace,
		"ListApps":                               (*Server).listApps,
		"DescribeApp":                            (*Server).describeApp,
		"CreateApp":                              (*Server).createApp,
		"DeleteApp":                              (*Server).deleteApp,
		"ListNotebookInstances":                  (*Server).listNotebooks,
		"DescribeNotebookInstance":               (*Server).describeNotebook,
		"StartNotebookInstance":                  (*Server).startNotebook,
		"StopNotebookInstance":                   (*Server).stopNotebook,
		"ListMlflowTrackingServers":              (*Server).listServers,
		"DescribeMlflowTrackingServer":           (*Server).describeServer,
		"CreatePresignedNotebookInstanceUrl":     (*Server).createPresignedNotebookURL,
		"CreatePresignedMlflowTrackingServerUrl": (*Server).createPresignedServerURL,
		OperationPing:                            nil, // no operation, but counted like one
		OperationAssumeRole:                      nil, // STS's, see sts.go
		OperationCaller:                          nil,
	}
	table := make(map[string]operation, len(rows))
	for name, run := range rows {
		table[name] = operation{run: run, count: new(atomic.Int64)}
	}
	return table
}

// decode reads an operation's input. Unknown members are ignored, as the
// service does.
func decode[Input any](body []byte) (Input, *failure) {
	var in Input
	if err := json.Unmarshal(body, &in); err != nil {
		return in, &failure{status: http.StatusBadRequest, code: "SerializationException"}
	}
	return in, nil
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	call := Call{At: time.Now(), RequestID: requestID(), UserAgent: clip(r.UserAgent())}
	if name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix); ok {
		call.Operation = clip(name)
	}
	w.Header().Set("x-amzn-RequestId", call.RequestID)
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))

	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		answer := &failure{status: http.StatusBadRequest, code: "SerializationException"}
		if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
			answer = &failure{status: http.StatusRequestEntityTooLarge, code: "RequestEntityTooLargeException"}
		}
		s.finish(w, call, answer.code, answer.reply())
		return
	}
	if isSTS(r) {
		s.serveSTS(w, r, call, body)
		return
	}
	scope, unsigned := signature(r, s.o.Region, "sagemaker", s.now())
	call.Signed, call.AccessKey = unsigned == nil, scope.accessKey
	var who *issued
	if unsigned == nil {
		who, unsigned = s.identities.identify(r, scope, body, s.now())
	}
	door := door{theirs: accountOf(s.o.Caller)}
	if who != nil {
		call.By, door.theirs = who.Identity, who.account
	}
	body = door.in(body)
	note(&call, body)
	if unsigned == nil {
		unsigned = s.permitted(who, door.theirs, scope.region, &call)
	}

	fault, delay := s.faults.take(call.Operation)
	s.sleep(r.Context(), delay)
	if fault.Hang {
		s.record(call)
		<-r.Context().Done() // the client gave up, or Close
		panic(http.ErrAbortHandler)
	}
	if !fault.HappenedButFailed && (fault.Drop || fault.speaks()) {
		s.fail(w, call, fault)
		return
	}
	out, failed := s.carryOut(&request{body: body, region: scope.region, call: &call}, unsigned)
	switch {
	case fault.HappenedButFailed:
		s.fail(w, call, fault)
	case failed != nil:
		answer := failed.reply()
		answer.body = door.out(answer.body)
		s.finish(w, call, failed.code, answer)
	default:
		if url, ok := out.(*presignedDomainURL); ok && fault.URL != "" {
			url.AuthorizedURL = fault.URL
		}
		answer, _ := json.Marshal(out) // strings and numbers can't fail
		s.finish(w, call, "", reply{status: http.StatusOK, kind: jsonKind, body: door.out(answer)})
	}
}

// carryOut does what the request asks for, unless it isn't signed or there are
// too many of them.
func (s *Server) carryOut(r *request, unsigned *failure) (any, *failure) {
	if unsigned != nil {
		return nil, unsigned
	}
	op, ok := s.operations[r.call.Operation]
	if !ok || op.run == nil {
		return nil, &failure{status: http.StatusBadRequest, code: "UnknownOperationException"}
	}
	if s.throttle.refuses(r.call.Operation, time.Now()) {
		return nil, &failure{status: http.StatusBadRequest, code: "ThrottlingException", message: "Rate exceeded"}
	}
	return op.run(s, r)
}

// fail answers as the fault wants it.
func (s *Server) fail(w http.ResponseWriter, call Call, f Fault) {
	if f.cuts() {
		s.record(call)
		panic(http.ErrAbortHandler)
	}
	s.finish(w, call, f.Code, f.reply())
}

func (s *Server) finish(w http.ResponseWriter, call Call, code string, r reply) {
	call.Status, call.ErrorCode = r.status, code
	s.record(call)
	r.write(w)
}

// note takes down what the request asks for, as far as it can be read.
func note(c *Call, body []byte) {
	var in struct {
		DomainID   string `json:"DomainId"`
		Profile    string `json:"UserProfileName"`
		ExpiresIn  int    `json:"ExpiresInSeconds"`
		Session    int    `json:"SessionExpirationDurationInSeconds"`
		LandingURI string `json:"LandingUri"`
		Space      string `json:"SpaceName"`
		SpaceIs    string `json:"SpaceNameEquals"`
		ProfileIs  string `json:"UserProfileNameEquals"`
		App        string `json:"AppType"`
		AppName    string
		Notebook   string `json:"NotebookInstanceName"`
		Server     string `json:"TrackingServerName"`
		InDomain   string `json:"DomainIdEquals"`
		Resource   string `json:"ResourceArn"`
		MaxResults int
		NextToken  string
	}
	_ = json.Unmarshal(body, &in)                                          // the operation says what is wrong with it
	c.Domain, c.Profile = clip(in.DomainID), clip(in.Profile+in.ProfileIs) // no operation knows both
	c.ExpiresIn, c.Session = in.ExpiresIn, in.Session
	c.LandingURI, c.Space = clip(in.LandingURI), clip(in.Space+in.SpaceIs)
	c.App, c.Name = clip(in.App), clip(in.AppName+in.Notebook+in.Server)
	c.MaxResults, c.Continued, c.Resource = in.MaxResults, in.NextToken != "", clip(in.Resource)
	if in.InDomain != "" {
		c.Domain = clip(in.InDomain)
	}
	if domainID, profile, ok := resource(in.Resource); ok {
		c.Domain, c.Profile = clip(domainID), clip(profile)
	}
}

// clip keeps the history small, whatever is sent.
func clip(text string) string { return text[:min(len(text), 256)] }

func (s *Server) servePing(w http.ResponseWriter, r *http.Request) {
	call := Call{At: time.Now(), Operation: OperationPing, RequestID: requestID(), UserAgent: clip(r.UserAgent())}
	call.Signed = r.Header.Get("Authorization") != ""
	w.Header().Set("x-amzn-RequestId", call.RequestID)
	fault, delay := s.faults.take(OperationPing)
	s.sleep(r.Context(), delay)
	switch {
	case fault.Hang:
		s.record(call)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case fault.cuts() || fault.speaks():
		s.fail(w, call, fault)
	default:
		s.finish(w, call, "", reply{status: http.StatusOK, kind: "text/plain", body: []byte("healthy")})
	}
}

// requestID looks like the service's: a version 4 UUID.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}
