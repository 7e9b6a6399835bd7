package slacksim

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"time"
)

// IDToken is an ID token before it is signed, for ForgeIDToken to spoil.
type IDToken struct {
	Claims map[string]any
	// Alg is RS256; none leaves the signature out, and HS256 signs with the
	// public key as the secret, as some libraries once accepted.
	Alg string
	// ForeignKey signs with a key that isn't ours, under our key's ID.
	ForeignKey bool
}

// ForgeIDToken lets f change the next ID token. Called several times, each
// changes one.
func (s *Server) ForgeIDToken(f func(*IDToken)) {
	s.openID.mu.Lock()
	defer s.openID.mu.Unlock()
	s.openID.forgeries = append(s.openID.forgeries, f)
}

// RotateKeys makes a new signing key. The old one isn't published any more.
func (s *Server) RotateKeys() error {
	s.openID.mu.Lock()
	defer s.openID.mu.Unlock()
	return s.openID.rotate()
}

type signingKey struct {
	id  string
	key *rsa.PrivateKey
}

func (o *openID) rotate() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("slacksim: %w", err)
	}
	o.keys = []signingKey{{id: secret(), key: key}}
	return nil
}

// signer is the key that signs, made when it is needed first.
func (o *openID) signer() (signingKey, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.keys) == 0 {
		if err := o.rotate(); err != nil {
			return signingKey{}, err
		}
	}
	return o.keys[len(o.keys)-1], nil
}

func (s *Server) serveKeys(w http.ResponseWriter, _ *http.Request) {
	k, err := s.openID.signer()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	body, _ := json.Marshal(map[string]any{"keys": []any{map[string]string{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": k.id,
		"n": part(k.key.N.Bytes()), "e": part(big.NewInt(int64(k.key.E)).Bytes()),
	}}})
	reply{body: body}.write(w)
}

func part(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// claims are what the token and userinfo say of a person.
func (s *Server) claims(p Person, g grant) map[string]any {
	claims := map[string]any{"sub": p.ID}
	if !s.o.PlainOpenID {
		claims["https://slack.com/team_id"] = p.TeamID
		claims["https://slack.com/user_id"] = p.ID
		if p.EnterpriseID != "" {
			claims["https://slack.com/enterprise_id"] = p.EnterpriseID
		}
	}
	if hasScope(g.scope, "email") && p.Email != "" {
		claims["email"], claims["email_verified"] = p.Email, p.EmailConfirmed
	}
	if hasScope(g.scope, "profile") {
		claims["name"] = p.RealName
	}
	return claims
}

// mint makes the ID token. Slack's lives five minutes, and always has a nonce:
// an empty one where none was asked for.
func (s *Server) mint(p Person, g grant, access string) (string, error) {
	now := time.Now()
	t := &IDToken{Alg: "RS256", Claims: s.claims(p, g)}
	sum := sha256.Sum256([]byte(access))
	for name, value := range map[string]any{
		"iss": s.base, "aud": s.o.ClientID, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "auth_time": now.Unix(),
		"nonce": g.nonce, "at_hash": part(sum[:16]),
	} {
		t.Claims[name] = value
	}
	if s.o.PlainOpenID && g.nonce == "" {
		delete(t.Claims, "nonce")
	}
	s.openID.mu.Lock()
	var forge func(*IDToken)
	if len(s.openID.forgeries) > 0 {
		forge, s.openID.forgeries = s.openID.forgeries[0], s.openID.forgeries[1:]
	}
	s.openID.mu.Unlock()
	if forge != nil {
		forge(t)
	}
	k, err := s.openID.signer()
	if err != nil {
		return "", err
	}
	return t.sign(k)
}

func (t *IDToken) sign(k signingKey) (string, error) {
	header, err := json.Marshal(map[string]string{"alg": t.Alg, "typ": "JWT", "kid": k.id})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(t.Claims)
	if err != nil {
		return "", err
	}
	signed := part(header) + "." + part(body)
	switch t.Alg {
	case "none":
		return signed + ".", nil
	case "HS256":
		public, err := x509.MarshalPKIXPublicKey(&k.key.PublicKey)
		if err != nil {
			return "", err
		}
		mac := hmac.New(sha256.New, public)
		mac.Write([]byte(signed))
		return signed + "." + part(mac.Sum(nil)), nil
	}
	key := k.key
	if t.ForeignKey {
		if key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			return "", err
		}
	}
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return signed + "." + part(signature), nil
}
