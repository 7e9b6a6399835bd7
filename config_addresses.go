package studiobot

import (
	"net"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// maxPublicURL leaves room in a Slack button's url, which takes 3,000
// characters.
const maxPublicURL = 1000

// readPublicURL reads the address that browsers reach, and cuts the slash at
// its end.
func readPublicURL(value string) (*url.URL, string) {
	u, problem := readURL(value)
	switch {
	case problem != "":
		return nil, problem
	case len(value) > maxPublicURL:
		return nil, "is too long"
	case u.RawPath != "" || !pathPattern.MatchString(u.Path):
		return nil, "has a path with other characters than letters, digits and . _ ~ - /"
	}
	u.Path = strings.TrimRight(u.Path, "/")
	if u.Path != "" && (path.Clean(u.Path) != u.Path || !strings.HasPrefix(u.Path, "/")) {
		return nil, "has a path with empty or relative parts"
	}
	return u, ""
}

// pathPattern is what needs no escaping in an address, and means nothing special
// in a pattern of net/http.
var pathPattern = regexp.MustCompile(`^[A-Za-z0-9._~/-]*$`)

// readURL reads an address that tokens or links travel to: https, or http on
// this machine, and nothing but host and path. What it says doesn't repeat the
// address, which could hold a password.
func readURL(value string) (*url.URL, string) {
	u, err := url.Parse(value)
	switch {
	case value == "":
		return nil, "is empty"
	case err != nil:
		return nil, "isn't a URL"
	case u.Opaque != "" || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return nil, "isn't an absolute https address"
	case u.User != nil:
		return nil, "holds a user name or a password"
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(value, "#"):
		return nil, "has a query or a fragment"
	case u.Port() == "" && strings.HasSuffix(u.Host, ":"), u.Port() != "" && !isPort(u.Port(), 1):
		return nil, "has a port that isn't one from 1 to 65535"
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, "is http, and not on a loopback host"
	}
	return u, ""
}

// loopback says whether a host is this machine.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

var hostPattern = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$`)

// checkAddress checks host:port, where the host may be left out.
func checkAddress(value string) (problem string) {
	host, port, err := net.SplitHostPort(value)
	if err != nil {
		return show(value) + " isn't host:port"
	}
	if _, err := netip.ParseAddr(host); host != "" && err != nil && !hostPattern.MatchString(host) {
		return show(value) + " has no host that could be listened on"
	}
	if !isPort(port, 0) {
		return show(value) + " has no port from 0 to 65535"
	}
	return ""
}

func isPort(s string, from uint64) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n >= from
}

// readNetwork reads a network, or one address.
func readNetwork(value string) (netip.Prefix, string) {
	if ip, err := netip.ParseAddr(value); err == nil && ip.Zone() == "" {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), ""
	}
	network, err := netip.ParsePrefix(value)
	switch {
	case err != nil || network.Addr().Is4In6():
		return netip.Prefix{}, show(value) + " isn't a network"
	case network.Bits() == 0:
		return netip.Prefix{}, show(value) + " is everybody: each client could claim any address"
	}
	return network.Masked(), ""
}

var tablePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

// readStore reads memory, sqlite:FILE or dynamodb:TABLE.
func readStore(value, folder string) (Store, string) {
	kind, where, _ := strings.Cut(value, ":")
	switch {
	case value == StoreMemory:
		return Store{Kind: StoreMemory}, ""
	case kind == StoreSQLite && where != "" && !strings.ContainsAny(where, "?\x00\r\n"):
		return Store{Kind: StoreSQLite, Path: within(folder, where)}, ""
	case kind == StoreDynamoDB && tablePattern.MatchString(where):
		return Store{Kind: StoreDynamoDB, Path: where}, ""
	}
	return Store{}, show(value) + " is no store"
}
