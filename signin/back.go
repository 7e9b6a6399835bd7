package signin

import "strings"

// maxBack is longer than any address of ours that a sign-in leads back to.
const maxBack = 200

// ownPath says whether path is one that a sign-in may lead back to: our front
// door, a link to open, or a launch. base is the path of public_url, without a
// slash at its end. Nothing that a browser could take for another site's address,
// and nothing that needs escaping, is one.
func ownPath(base, path string) bool {
	rest, ours := strings.CutPrefix(path, base)
	if !ours || len(rest) > maxBack || !strings.HasPrefix(rest, "/") {
		return false
	}
	for _, part := range strings.Split(rest[1:], "/") {
		if strings.Trim(part, plainCharacters) != "" || part == "." || part == ".." {
			return false
		}
	}
	if rest == "/" {
		return true
	}
	for _, prefix := range []string{"/launch/", "/open/"} {
		if below, ok := strings.CutPrefix(rest, prefix); ok {
			return below != "" && !strings.HasPrefix(below, "/") && !strings.HasSuffix(below, "/") && !strings.Contains(below, "//")
		}
	}
	return false
}

// plainCharacters are those that an address of ours is made of.
const plainCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
