package sagemakersim

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// tokens makes the NextTokens of listings. They are signed, and hold what was
// asked for, so that none works for another question or after a change.
type tokens struct{ key []byte }

func newTokens() *tokens {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return &tokens{key: key}
}

// cursor is where a listing goes on.
type cursor struct {
	Query string // everything that has to be the same for all pages
	After place  // of profiles
	Key   string // of tags: the last one that was listed
}

func (t *tokens) sign(text []byte) []byte {
	mac := hmac.New(sha256.New, t.key)
	mac.Write(text)
	return mac.Sum(nil)
}

func (t *tokens) make(c cursor) string {
	text, _ := json.Marshal(c) // strings and numbers can't fail
	return base64.RawURLEncoding.EncodeToString(append(t.sign(text), text...))
}

// read returns the cursor of a token that was made for this query, or nil where
// there is none.
func (t *tokens) read(token *string, query string) (*cursor, *failure) {
	if token == nil || *token == "" {
		return nil, nil
	}
	wrong := invalid("Invalid NextToken")
	raw, err := base64.RawURLEncoding.DecodeString(*token)
	if err != nil || len(raw) < sha256.Size {
		return nil, wrong
	}
	mac, text := raw[:sha256.Size], raw[sha256.Size:]
	var c cursor
	if !hmac.Equal(mac, t.sign(text)) || json.Unmarshal(text, &c) != nil || c.Query != query {
		return nil, wrong
	}
	return &c, nil
}
