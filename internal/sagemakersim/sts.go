package sagemakersim

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The operations of STS.
const (
	OperationAssumeRole = "AssumeRole"
	OperationCaller     = "GetCallerIdentity"
)

// The API model's patterns of AssumeRole.
var (
	stsName     = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	stsTagKey   = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`)
	stsTagValue = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

// policyLimit is the API model's, in characters.
const policyLimit = 2048

// isSTS reports whether a request is of the query protocol.
func isSTS(r *http.Request) bool {
	return r.Header.Get("X-Amz-Target") == "" && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}

// serveSTS carries out a request of the query protocol.
func (s *Server) serveSTS(w http.ResponseWriter, r *http.Request, call Call, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		s.finish(w, call, "MalformedInput", stsError(http.StatusBadRequest, "MalformedInput", "", call.RequestID))
		return
	}
	call.Operation = clip(form.Get("Action"))
	got, failed := signature(r, "", "sts", s.now())
	call.Signed, call.AccessKey = failed == nil, got.accessKey
	fault, delay := s.faults.take(call.Operation)
	s.sleep(r.Context(), delay)
	switch {
	case fault.Hang:
		s.record(call)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case fault.cuts():
		s.record(call)
		panic(http.ErrAbortHandler)
	case fault.speaks():
		answer := fault.reply()
		if fault.Body == "" {
			answer = stsError(answer.status, fault.Code, fault.Message, call.RequestID)
		}
		s.finish(w, call, fault.Code, answer)
		return
	}
	var answer any
	if failed == nil {
		var k *issued
		if k, failed = s.identities.identify(r, got, body, s.now()); failed == nil {
			answer, failed = s.stsAnswer(&call, form, k)
		}
	}
	if failed != nil {
		s.finish(w, call, failed.code, stsError(failed.status, failed.code, failed.message, call.RequestID))
		return
	}
	text, _ := xml.Marshal(answer) // strings and numbers can't fail
	s.finish(w, call, "", reply{status: http.StatusOK, kind: "text/xml", body: text})
}

func stsError(status int, code, message, request string) reply {
	type answer struct {
		XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
		Error   struct{ Type, Code, Message string }
		Request string `xml:"RequestId"`
	}
	a := answer{Request: request}
	a.Error.Type, a.Error.Code, a.Error.Message = "Sender", code, message
	text, _ := xml.Marshal(a)
	return reply{status: status, kind: "text/xml", body: text}
}

type assumedRole struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleResponse"`
	Result  struct {
		Credentials struct {
			AccessKeyID     string `xml:"AccessKeyId"`
			SecretAccessKey string
			SessionToken    string
			Expiration      string
		}
		AssumedRoleUser struct {
			Arn string
			ID  string `xml:"AssumedRoleId"`
		}
		SourceIdentity string `xml:",omitempty"`
	} `xml:"AssumeRoleResult"`
}

type callerIdentity struct {
	XMLName xml.Name                      `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Result  struct{ Account, Arn string } `xml:"GetCallerIdentityResult"`
}

func (s *Server) stsAnswer(call *Call, form url.Values, k *issued) (any, *failure) {
	caller := s.identities.caller
	if k != nil {
		caller, call.By = k.arn(), k.Identity
	}
	if s.throttle.refuses(call.Operation, time.Now()) {
		return nil, &failure{status: http.StatusBadRequest, code: "Throttling", message: "Rate exceeded"}
	}
	switch call.Operation {
	case OperationAssumeRole:
		return s.assumeRole(call, form, caller)
	case OperationCaller:
		out := callerIdentity{}
		out.Result.Account, out.Result.Arn = accountOf(caller), caller
		return out, nil
	}
	return nil, &failure{status: http.StatusBadRequest, code: "InvalidAction"}
}

func (s *Server) assumeRole(call *Call, form url.Values, caller string) (any, *failure) {
	tags, twice := tagsOf(form)
	asked := Assumed{Identity: Identity{
		Role: clip(form.Get("RoleArn")), Session: clip(form.Get("RoleSessionName")), SourceIdentity: clip(form.Get("SourceIdentity")),
		Tags: clip(joined(tags)), Policy: form.Get("Policy"),
	}, Duration: time.Hour}
	if text := form.Get("DurationSeconds"); text != "" {
		n, _ := strconv.Atoi(text)
		asked.Duration = time.Duration(n) * time.Second
	}
	asked.Policy = asked.Policy[:min(len(asked.Policy), policyLimit)]
	call.Assumed = asked
	limits, failed := checkAssume(form, asked, tags, twice)
	if failed != nil {
		return nil, failed
	}
	s.identities.mu.Lock()
	r := s.identities.roles[asked.Role]
	s.identities.mu.Unlock()
	if failed := trusted(r, asked, tags, caller); failed != nil {
		return nil, failed
	}
	most := r.MaxSession
	if strings.Contains(caller, ":assumed-role/") && asked.Duration > time.Hour {
		return nil, stsInvalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	if asked.Duration > most {
		return nil, stsInvalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	key, k := s.identities.issue(r, asked, tags, limits, s.now())
	out := assumedRole{}
	out.Result.Credentials.AccessKeyID, out.Result.Credentials.SecretAccessKey, out.Result.Credentials.SessionToken = key, k.secret, k.token
	out.Result.Credentials.Expiration = s.now().Add(asked.Duration).UTC().Format(time.RFC3339)
	out.Result.AssumedRoleUser.Arn, out.Result.AssumedRoleUser.ID = k.arn(), "AROA"+secret(16)+":"+k.Session
	out.Result.SourceIdentity = asked.SourceIdentity
	return out, nil
}

func stsInvalid(message string) *failure {
	return &failure{status: http.StatusBadRequest, code: "ValidationError", message: message}
}

// checkAssume says what the API model has against a request, and returns its
// session policy.
func checkAssume(form url.Values, asked Assumed, tags map[string]string, twice bool) ([]policy, *failure) {
	policyText := form.Get("Policy")
	switch {
	case len(form.Get("RoleArn")) < 20:
		return nil, stsInvalid("1 validation error detected: Value at 'roleArn' failed to satisfy constraint")
	case !stsName.MatchString(form.Get("RoleSessionName")):
		return nil, stsInvalid(`1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`)
	case form.Has("SourceIdentity") && (!stsName.MatchString(form.Get("SourceIdentity")) || strings.HasPrefix(form.Get("SourceIdentity"), "aws:")):
		return nil, stsInvalid("1 validation error detected: Value at 'sourceIdentity' failed to satisfy constraint")
	case asked.Duration < 15*time.Minute || asked.Duration > 12*time.Hour:
		return nil, stsInvalid("1 validation error detected: Value at 'durationSeconds' failed to satisfy constraint")
	case len(tags) > 50:
		return nil, stsInvalid("1 validation error detected: Value at 'tags' failed to satisfy constraint")
	case twice:
		return nil, &failure{status: http.StatusBadRequest, code: "InvalidParameterValue", message: "Duplicate tag keys found."}
	case utf8.RuneCountInString(policyText) > policyLimit:
		return nil, stsInvalid("1 validation error detected: Value at 'policy' failed to satisfy constraint")
	}
	for key, value := range tags {
		if !stsTagKey.MatchString(key) || utf8.RuneCountInString(key) > 128 || strings.HasPrefix(strings.ToLower(key), "aws:") ||
			!stsTagValue.MatchString(value) || utf8.RuneCountInString(value) > 256 {
			return nil, stsInvalid(fmt.Sprintf("1 validation error detected: the tag %q failed to satisfy constraint", clip(key)))
		}
	}
	if policyText == "" {
		return nil, nil
	}
	p, err := parsePolicy(policyText)
	if err != nil {
		return nil, &failure{status: http.StatusBadRequest, code: "MalformedPolicyDocument", message: err.Error()}
	}
	return []policy{p}, nil
}

// trusted says why a role isn't for the caller. A role that isn't there gets the
// same answer.
func trusted(r *role, asked Assumed, tags map[string]string, caller string) *failure {
	keys := map[string]string{"sts:rolesessionname": asked.Session, "sts:sourceidentity": asked.SourceIdentity}
	for key, value := range tags {
		keys["aws:requesttag/"+strings.ToLower(key)] = value
	}
	actions := []string{"sts:AssumeRole"}
	if len(tags) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	if asked.SourceIdentity != "" {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	for _, action := range actions {
		if r == nil || !r.trust.of(caller).allows(wish{action: action, keys: keys}) {
			return forbidden("AccessDenied", "User: "+caller+" is not authorized to perform: "+action+" on resource: "+asked.Role)
		}
	}
	return nil
}

// of are the statements about a caller: a session is its role, and an account is
// everybody in it.
func (p policy) of(caller string) policy {
	role := caller
	if parts := strings.Split(caller, "/"); len(parts) == 3 && strings.Contains(parts[0], ":assumed-role") {
		role = "arn:" + strings.Split(caller, ":")[1] + ":iam::" + accountOf(caller) + ":role/" + parts[1]
	}
	out := policy{Version: p.Version}
	for _, s := range p.Statement {
		for _, who := range s.Principal.AWS {
			if who == caller || who == role || who == accountOf(caller) || strings.HasSuffix(who, "::"+accountOf(caller)+":root") {
				out.Statement = append(out.Statement, s)
				break
			}
		}
	}
	return out
}
