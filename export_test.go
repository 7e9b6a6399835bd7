package studiobot

// ParseWhole is Parse of a version in which everything is built, so that the
// whole contract of the config is tested before all of it is.
func ParseWhole(name string, data []byte, getenv func(string) string) (Config, error) {
	return parse(RoleAll, name, data, getenv, nil)
}

// Need is a row of the table that a later feature adds to.
type Need struct {
	Feature        string
	Scopes, Events []string
	When           func(*Config) bool
}

// ManifestWith is Manifest with more rows.
func ManifestWith(c *Config, more ...Need) []byte {
	rows := needs()
	for _, n := range more {
		rows = append(rows, need{n.Feature, n.Scopes, n.Events, n.When})
	}
	return manifest(c, rows)
}

// Defaults returns the keys whose own default they refuse, and keys that the
// table has twice. There should be none.
func Defaults() (refused, twice []string) {
	seen := map[string]bool{}
	for _, r := range rows() {
		c := Config{Domains: make([]Domain, 1), Mapping: make([]Source, 1)}
		if r.def != "" && r.set(&c, r.def, ".") != "" {
			refused = append(refused, r.path)
		}
		if seen[r.path] {
			twice = append(twice, r.path)
		}
		seen[r.path] = true
	}
	return refused, twice
}
