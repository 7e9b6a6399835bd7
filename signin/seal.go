package signin

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

const (
	// keyLen is that of AES-256.
	keyLen = 32
	// maxSealed bounds what is opened. Browsers keep cookies of 4,096 bytes.
	maxSealed = 4000
)

// errSealed is all that is said of a cookie that doesn't open: whatever is the
// matter with it, it isn't ours.
var errSealed = errors.New("not sealed by us")

// sealer makes texts that nobody without the key can read, make or change: JWE
// with AES-256-GCM. The first key seals, each of them opens.
type sealer struct{ keys [][]byte }

// newSealer derives a key of its own for each purpose, so that nothing sealed for
// one can be passed off as the other.
func newSealer(keys [][]byte, purpose string) (sealer, error) {
	var s sealer
	for _, k := range keys {
		if len(k) < keyLen {
			return sealer{}, fmt.Errorf("a cookie key has %d bytes, and needs %d", len(k), keyLen)
		}
		derived, err := hkdf.Key(sha256.New, k, nil, "studiobot cookie "+purpose, keyLen)
		if err != nil {
			return sealer{}, fmt.Errorf("derive a cookie key: %w", err)
		}
		s.keys = append(s.keys, derived)
	}
	if len(s.keys) == 0 {
		return sealer{}, errors.New("there is no cookie key")
	}
	return s, nil
}

func (s sealer) seal(v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	encrypter, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.DIRECT, Key: s.keys[0]}, nil)
	if err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	object, err := encrypter.Encrypt(plain)
	if err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	text, err := object.CompactSerialize()
	if err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	if len(text) > maxSealed {
		return "", fmt.Errorf("seal: %d bytes are too many for a cookie", len(text))
	}
	return text, nil
}

// open is the reverse of seal. The error is errSealed.
func (s sealer) open(text string, v any) error {
	if text == "" || len(text) > maxSealed {
		return errSealed
	}
	for _, part := range strings.Split(text, ".") { // one text for each cookie, to the last bit
		if _, err := base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return errSealed
		}
	}
	object, err := jose.ParseEncryptedCompact(text, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return errSealed
	}
	for _, k := range s.keys {
		if plain, err := object.Decrypt(k); err == nil {
			if json.Unmarshal(plain, v) != nil {
				return errSealed
			}
			return nil
		}
	}
	return errSealed
}
