package sagemakersim

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"
)

// Why a browser didn't get into Studio.
const (
	ReasonExpired = "expired"
	ReasonUsed    = "used"
	ReasonUnknown = "unknown" // not one of ours, or so old that it is forgotten
	ReasonNoApp   = "no app"  // a blank 404: the space has no such app in service
	ReasonBroken  = "broken"  // redirected to //…: LandingUri's path has a leading slash
)

// shortLength is how long the URLs of notebook instances and tracking servers
// are here. The API model has 2,048 at most for the latter, and no figure for the
// former.
const shortLength = 1200

// bookLimit is how many presigned URLs and how many sessions are remembered.
const bookLimit = 20000

// grant is what a presigned URL opens: a place in a domain, or a notebook
// instance, or a tracking server.
type grant struct {
	domainID, domainName, profile string
	landing
	notebook, server string
	session          time.Duration
}

// minted is a presigned URL that is out there.
type minted struct {
	grant
	expires time.Time
	used    bool
}

// visit is a browser that is signed in.
type visit struct {
	grant
	arrival arrival
	ends    time.Time
}

// urlBook makes presigned URLs and knows which of them were used.
type urlBook struct {
	prefix string
	length int
	key    []byte
	filler []byte

	mu       sync.Mutex
	made     int
	minted   *shelf[*minted]
	sessions *shelf[visit]
}

// shelf is a map that forgets what was put in first.
type shelf[T any] struct {
	items map[string]T
	order []string // a ring once it is full
	next  int
}

func newShelf[T any]() *shelf[T] { return &shelf[T]{items: make(map[string]T)} }

func (s *shelf[T]) put(id string, item T) {
	if len(s.order) < bookLimit {
		s.order = append(s.order, id)
	} else {
		delete(s.items, s.order[s.next])
		s.order[s.next] = id
		s.next = (s.next + 1) % bookLimit
	}
	s.items[id] = item
}

func newURLBook(prefix string, length int) *urlBook {
	noise := make([]byte, length)
	key := make([]byte, 32)
	_, _ = rand.Read(noise) // never fails
	_, _ = rand.Read(key)
	return &urlBook{
		prefix: prefix, length: length, key: key,
		filler: base64.RawStdEncoding.AppendEncode(nil, noise),
		minted: newShelf[*minted](), sessions: newShelf[visit](),
	}
}

// claims are those of a real token, as far as its names are known. The token's
// exp is the end of the Studio session; how long the URL works isn't in it.
type claims struct {
	ID         string `json:"jti"`
	Space      string `json:"spaceName"`
	Profile    string `json:"userProfileName"`
	Identity   string `json:"identityId"`
	Scheme     string `json:"landingUriScheme"`
	AppType    string `json:"landingUriAppType"`
	DeepLink   string `json:"landingUriDeepLink"`
	CipherText string `json:"cipherText"`
	Subject    string `json:"sub"`
	IssuedAt   int64  `json:"iat"`
	Expires    int64  `json:"exp"`
	FAS        string `json:"fasCredentials"` // last, because it is filled up
}

// mint makes a URL of b.length characters.
func (b *urlBook) mint(g grant, now time.Time, life time.Duration) string {
	return b.mintAt(b.prefix, b.length, g, now, life)
}

// mintAt makes a URL of some length that begins with prefix.
func (b *urlBook) mintAt(prefix string, length int, g grant, now time.Time, life time.Duration) string {
	id := rand.Text()
	c := claims{
		ID: id, Space: g.space, Profile: g.profile, Identity: id, Scheme: "studio", AppType: g.app, DeepLink: g.path, Subject: g.domainID,
		IssuedAt: now.Unix(), Expires: now.Add(g.session).Unix(),
	}
	if g.app != "" {
		c.Scheme = "app"
	}
	header := `{"alg":"HS256","typ":"JWT"}`
	bare, _ := json.Marshal(c) // strings and numbers can't fail
	encoded := base64.RawURLEncoding.EncodedLen
	room := length - len(prefix) - encoded(len(header)) - 2 - encoded(sha256.Size)
	if room%4 == 1 {
		// No base64 text is that long. One more byte in the header takes two
		// characters.
		header, room = header+" ", room-2
	}
	missing := max(0, base64.RawURLEncoding.DecodedLen(max(0, room))-len(bare))
	end := len(bare) - len(`"}`)
	payload := slices.Concat(bare[:end], b.filler[:missing], bare[end:])

	url := make([]byte, 0, length+64)
	url = append(url, prefix...)
	url = base64.RawURLEncoding.AppendEncode(url, []byte(header))
	url = append(url, '.')
	url = base64.RawURLEncoding.AppendEncode(url, payload)
	mac := b.sign(url[len(prefix):])
	url = append(url, '.')
	url = base64.RawURLEncoding.AppendEncode(url, mac)

	b.mu.Lock()
	defer b.mu.Unlock()
	b.made++
	b.minted.put(id, &minted{grant: g, expires: now.Add(life)})
	return string(url)
}

func (b *urlBook) sign(text []byte) []byte {
	mac := hmac.New(sha256.New, b.key)
	mac.Write(text)
	return mac.Sum(nil)
}

// redeem uses up a token. It returns the reason where it opens nothing.
func (b *urlBook) redeem(token string, now time.Time) (g grant, reason string) {
	id, ok := b.read(token)
	if !ok {
		return grant{}, ReasonUnknown
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	m, ok := b.minted.items[id]
	switch {
	case !ok:
		return grant{}, ReasonUnknown
	case m.used:
		return m.grant, ReasonUsed
	case !now.Before(m.expires):
		return m.grant, ReasonExpired
	}
	m.used = true
	return m.grant, ""
}

// begin begins a session.
func (b *urlBook) begin(v visit) (session string) {
	session = rand.Text()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sessions.put(session, v)
	return session
}

// read returns the ID of a token that this book signed.
func (b *urlBook) read(token string) (string, bool) {
	cut := strings.LastIndexByte(token, '.')
	if cut < 0 {
		return "", false
	}
	mac, err := base64.RawURLEncoding.DecodeString(token[cut+1:])
	if err != nil || !hmac.Equal(mac, b.sign([]byte(token[:cut]))) {
		return "", false
	}
	_, payload, _ := strings.Cut(token[:cut], ".")
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return "", false
	}
	var c claims
	if err := json.Unmarshal(text, &c); err != nil {
		return "", false
	}
	return c.ID, true
}

func (b *urlBook) visit(session string) (visit, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v, ok := b.sessions.items[session]
	return v, ok
}

// ExpireURLs ends the time of every presigned URL that is out there, so that
// nobody has to wait for it.
func (s *Server) ExpireURLs() {
	s.urls.mu.Lock()
	defer s.urls.mu.Unlock()
	for _, m := range s.urls.minted.items {
		m.expires = time.Time{}
	}
}

func (b *urlBook) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.made
}
