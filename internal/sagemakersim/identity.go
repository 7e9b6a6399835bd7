package sagemakersim

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Role is an IAM role that AssumeRole gives sessions of.
type Role struct {
	// ARN has the account whose domains its sessions see.
	ARN string
	// Trust is the role's trust policy, as JSON: who may AssumeRole, TagSession and
	// SetSourceIdentity.
	Trust string
	// Policy is what its sessions may do, as JSON; empty: everything.
	Policy string
	// MaxSession is the longest session; one hour where it is zero.
	MaxSession time.Duration
}

// Identity is who made a call: what CloudTrail would show of it. It is empty for
// credentials that the simulator didn't issue.
type Identity struct {
	Role, Session, SourceIdentity string
	// Tags are the session's, as key=value, sorted, with commas between.
	Tags string
	// Policy is the session policy.
	Policy string
}

// Assumed is what AssumeRole was asked for.
type Assumed struct {
	Identity
	Duration time.Duration
}

// role is a Role that was read.
type role struct {
	Role
	trust, policy policy
}

var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::([0-9]{12}):role/([\w+=,.@/-]+)$`)

func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// issued is a session that AssumeRole gave.
type issued struct {
	Identity
	account, secret, token string
	tags                   map[string]string
	ends                   time.Time
	limits                 []policy // the role's own, and the session policy
}

// identities are the roles, and the sessions that were issued.
type identities struct {
	caller string

	mu    sync.Mutex
	roles map[string]*role
	keys  map[string]*issued // by access key
	aged  time.Duration      // by Pass
}

func newIdentities(o Options) (*identities, error) {
	x := &identities{caller: o.Caller, roles: map[string]*role{}, keys: map[string]*issued{}}
	for _, r := range o.Roles {
		if err := x.set(r); err != nil {
			return nil, err
		}
	}
	return x, nil
}

func (x *identities) set(r Role) error {
	kept := &role{Role: r}
	if !roleARN.MatchString(r.ARN) {
		return fmt.Errorf("sagemakersim: %q isn't a role's ARN", r.ARN)
	}
	if kept.MaxSession == 0 {
		kept.MaxSession = time.Hour
	}
	var err error
	if kept.trust, err = parsePolicy(r.Trust); err != nil {
		return fmt.Errorf("sagemakersim: trust policy of %s: %w", r.ARN, err)
	}
	if r.Policy != "" {
		if kept.policy, err = parsePolicy(r.Policy); err != nil {
			return fmt.Errorf("sagemakersim: policy of %s: %w", r.ARN, err)
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.roles[r.ARN] = kept
	return nil
}

// SetRole adds a role, or replaces the one with its ARN. Sessions that were issued
// keep what they may.
func (s *Server) SetRole(r Role) error { return s.identities.set(r) }

// RemoveRole removes a role; no session of it is issued from then on.
func (s *Server) RemoveRole(arn string) {
	s.identities.mu.Lock()
	defer s.identities.mu.Unlock()
	delete(s.identities.roles, arn)
}

// Revoke ends every session that was issued, as a policy that denies older
// sessions does: they get AccessDeniedException.
func (s *Server) Revoke() {
	s.identities.mu.Lock()
	defer s.identities.mu.Unlock()
	for _, k := range s.identities.keys {
		k.limits = []policy{{}}
	}
}

// issue makes a session's credentials.
func (x *identities) issue(r *role, a Assumed, tags map[string]string, session []policy, now time.Time) (key string, k *issued) {
	k = &issued{Identity: a.Identity, account: accountOf(r.ARN), tags: tags, secret: secret(40), token: secret(400), limits: session}
	if r.Policy != "" {
		k.limits = append(k.limits, r.policy)
	}
	key = "ASIA" + secret(16)
	x.mu.Lock()
	defer x.mu.Unlock()
	k.ends = now.Add(x.aged + a.Duration)
	for old, other := range x.keys {
		if now.Add(x.aged).Sub(other.ends) > time.Hour {
			delete(x.keys, old)
		}
	}
	x.keys[key] = k
	return key, k
}

// secret is n random characters, upper-case letters and digits.
func secret(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return base32.StdEncoding.EncodeToString(b)[:n]
}

// identify says whose the credentials of a request are. Those that the simulator
// issued are verified: token, signature, end. Any other key is that of the
// program's own account, unless it looks like a session's.
func (x *identities) identify(r *http.Request, got scope, body []byte, now time.Time) (*issued, *failure) {
	token := r.Header.Get("X-Amz-Security-Token")
	x.mu.Lock()
	k, aged := x.keys[got.accessKey], x.aged
	x.mu.Unlock()
	switch {
	case k == nil && (token != "" || strings.HasPrefix(got.accessKey, "ASIA")):
		return nil, forbidden("UnrecognizedClientException", "The security token included in the request is invalid.")
	case k == nil:
		return nil, nil
	case token != k.token || !verify(r, k.secret, body):
		return nil, forbidden("InvalidSignatureException", "The request signature we calculated does not match the signature you provided.")
	case !now.Add(aged).Before(k.ends):
		return nil, forbidden("ExpiredTokenException", "The security token included in the request is expired")
	}
	return k, nil
}

// may says why a session mustn't do it: the role's policy and the session policy
// both have to allow it.
func (k *issued) may(action, resource string) *failure {
	w := wish{action, resource, k.conditions()}
	for _, p := range k.limits {
		if !p.allows(w) {
			return forbidden("AccessDeniedException", "User: "+k.arn()+" is not authorized to perform: "+action+" on resource: "+resource)
		}
	}
	return nil
}

func (k *issued) conditions() map[string]string {
	keys := map[string]string{"aws:sourceidentity": k.SourceIdentity, "aws:principalaccount": k.account}
	for key, value := range k.tags {
		keys["aws:principaltag/"+strings.ToLower(key)] = value
	}
	return keys
}

func (k *issued) arn() string { return sessionARN(k.Role, k.Session) }

// sessionARN is without the role's path, as STS has it.
func sessionARN(role, session string) string {
	return "arn:" + strings.Split(role, ":")[1] + ":sts::" + accountOf(role) + ":assumed-role/" + role[strings.LastIndexByte(role, '/')+1:] + "/" + session
}

func joined(tags map[string]string) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, key+"="+tags[key])
	}
	return strings.Join(out, ",")
}

// verify calculates a Signature Version 4 anew, with the headers that the request
// says are signed.
func verify(r *http.Request, secret string, body []byte) bool {
	fields := strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	values := map[string]string{}
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		values[name] = value
	}
	_, credential, _ := strings.Cut(values["Credential"], "/")
	signed := strings.Split(values["SignedHeaders"], ";")
	if !slices.Contains(signed, "host") || !slices.Contains(signed, "x-amz-date") || !slices.Contains(signed, "x-amz-security-token") {
		return false
	}
	digest := sha256.Sum256(body)
	canonical := r.Method + "\n" + r.URL.EscapedPath() + "\n" + strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20") + "\n"
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = fmt.Sprint(r.ContentLength)
		}
		canonical += name + ":" + strings.Join(strings.Fields(value), " ") + "\n"
	}
	canonical += "\n" + values["SignedHeaders"] + "\n" + hex.EncodeToString(digest[:])
	sum := sha256.Sum256([]byte(canonical))
	text := "AWS4-HMAC-SHA256\n" + r.Header.Get("X-Amz-Date") + "\n" + credential + "\n" + hex.EncodeToString(sum[:])
	key := []byte("AWS4" + secret)
	for part := range strings.SplitSeq(credential, "/") {
		key = mac(key, part)
	}
	got, err := hex.DecodeString(values["Signature"])
	return err == nil && hmac.Equal(got, mac(key, text))
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// tagsOf reads Tags.member.N.Key and Value.
func tagsOf(form url.Values) (tags map[string]string, twice bool) {
	tags = map[string]string{}
	for n := 1; form.Has(fmt.Sprintf("Tags.member.%d.Key", n)); n++ {
		key := form.Get(fmt.Sprintf("Tags.member.%d.Key", n))
		for have := range tags {
			twice = twice || strings.EqualFold(have, key)
		}
		tags[key] = form.Get(fmt.Sprintf("Tags.member.%d.Value", n))
	}
	return tags, twice
}
