package launch

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

// A token is the part of a link that opens it: 256 bits, base64url, then a dot
// and the index of the button. Only its SHA-256 is ever stored.
const (
	secretLen  = 32
	maxButtons = 100
	maxToken   = 43 + 1 + 2
)

// deriveSecret makes a ticket's secret from the key and what caused it (a
// command's trigger ID), so that the same command delivered twice, to whichever
// process, comes out as the same ticket. Nobody without the key can guess it.
// round tells a later ticket of the same cause from the first one.
func deriveSecret(key []byte, p studio.Person, cause string, round int) []byte {
	if cause == "" {
		secret := make([]byte, secretLen)
		_, _ = rand.Read(secret) // never fails, see crypto/rand
		return secret
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "ticket\x00%d\x00%s\x00%s\x00%s", round, p.Team, p.User, cause)
	return mac.Sum(nil)
}

// ticketID is what the store knows of a secret.
func ticketID(secret []byte) string {
	sum := sha256.Sum256(secret)
	return hex.EncodeToString(sum[:])
}

// reference is the short name of a ticket for people and logs: 40 bits of its
// ID, which open nothing.
func reference(id string) string {
	sum := sha256.Sum256([]byte("ref\x00" + id))
	return shortCode(sum[:5])
}

// newReference is for an answer that has no ticket.
func newReference() string {
	b := make([]byte, 5)
	_, _ = rand.Read(b)
	return shortCode(b)
}

// shortCode writes 5 bytes as XXXX-XXXX in letters and digits that can be read
// out: no I, L, O or U (Crockford's base 32).
func shortCode(b []byte) string {
	s := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding).EncodeToString(b)
	return s[:4] + "-" + s[4:]
}

// formatToken is the last path element of a link.
func formatToken(secret []byte, button int) string {
	return base64.RawURLEncoding.EncodeToString(secret) + "." + strconv.Itoa(button)
}

// parseToken takes a link's last path element apart. Anything that formatToken
// wouldn't have written is ErrLinkUnknown.
func parseToken(s string) (id string, button int, err error) {
	if len(s) > maxToken {
		return "", 0, studio.ErrLinkUnknown
	}
	enc, index, ok := strings.Cut(s, ".")
	if !ok {
		return "", 0, studio.ErrLinkUnknown
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(enc)
	if err != nil || len(secret) != secretLen {
		return "", 0, studio.ErrLinkUnknown
	}
	button, err = parseIndex(index)
	return ticketID(secret), button, err
}

// formatHandle names a button without being able to open it.
func formatHandle(id string, button int) string { return id + "." + strconv.Itoa(button) }

// parseHandle is the reverse of formatHandle.
func parseHandle(s string) (id string, button int, err error) {
	id, index, ok := strings.Cut(s, ".")
	if !ok || len(id) != 2*sha256.Size || strings.Trim(id, "0123456789abcdef") != "" {
		return "", 0, studio.ErrLinkUnknown
	}
	button, err = parseIndex(index)
	return id, button, err
}

func parseIndex(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n >= maxButtons || strconv.Itoa(n) != s {
		return 0, studio.ErrLinkUnknown
	}
	return n, nil
}
