package launch

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// clientAddress is the browser's address: the peer's, or, where the peer is a
// trusted proxy, the last hop of X-Forwarded-For that isn't one. Anything
// further left could have been written by the browser.
func (s *Service) clientAddress(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !s.trusted(addr) {
			return addr
		}
		next, err := parseHop(hop)
		if err != nil {
			return addr
		}
		addr = next
	}
	return addr
}

// ignoresForwarded says whether the peer speaks for somebody else and isn't
// trusted to.
func (s *Service) ignoresForwarded(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && r.Header.Get("X-Forwarded-For") != "" && !s.trusted(peer.Addr().Unmap())
}

func (s *Service) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(s.o.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// parseHop reads one element of X-Forwarded-For; some proxies add a port.
func parseHop(s string) (netip.Addr, error) {
	s = strings.TrimSpace(s)
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return a.Unmap(), nil
	}
	ap, err := netip.ParseAddrPort(s)
	return ap.Addr().Unmap(), err
}

// hostNetwork is what one host's addresses have in common: with IPv6 it has many
// of its own /64, and changes them.
func hostNetwork(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// visitorCookie tells browsers behind one address apart. It proves nothing and
// opens nothing.
//
// Over https it has the prefix that keeps other hosts of the domain from
// planting one.
func (s *Service) visitorCookie() string {
	if s.o.PublicURL.Scheme == "https" {
		return "__Host-studiobot_visitor"
	}
	return "studiobot_visitor"
}

// visitor is who asks, for the rule of the early visitor.
func (s *Service) visitor(r *http.Request) (v Visitor, cookie string) {
	if c, err := r.Cookie(s.visitorCookie()); err == nil && len(c.Value) == 22 {
		cookie = c.Value
	} else {
		b := make([]byte, 16)
		_, _ = rand.Read(b)
		cookie, v.fresh = base64.RawURLEncoding.EncodeToString(b), true
	}
	network := hostNetwork(s.clientAddress(r))
	v.Addr = s.mark("address", network)
	v.Net = s.mark("net", network+"\x00"+r.UserAgent())
	v.Cookie = s.mark("cookie", cookie)
	v.First = time.Now()
	return v, cookie
}

// mark is what a visitor is recognised by, keyed so that a record names nobody.
// It is cut short, so that nothing can be appended to what it was made from.
func (s *Service) mark(kind, what string) string {
	b := make([]byte, 0, 256)
	b = append(append(append(append(b, s.key...), kind...), 0), what...)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

func (s *Service) setVisitorCookie(w http.ResponseWriter, value string) {
	http.SetCookie(w, &http.Cookie{
		Name: s.visitorCookie(), Value: value, Path: "/", MaxAge: 900,
		HttpOnly: true, Secure: s.o.PublicURL.Scheme == "https", SameSite: http.SameSiteLaxMode,
	})
}

// crawlers are parts of the User-Agent of programs that fetch links which they
// find. It is an addition: what protects a link from the others is the click.
var crawlers = []string{
	"slackbot", "slack-imgproxy", "facebookexternalhit", "twitterbot", "linkedinbot", "discordbot", "telegrambot",
	"whatsapp/", "skypeuripreview", "googlebot", "google-safety", "bingbot", "bingpreview", "applebot", "yandexbot",
	"duckduckbot", "baiduspider", "mimecast", "barracuda", "proofpoint", "urlscan", "embedly", "iframely", "crawler", "spider",
}

// looksAhead says whether no person is behind the request: a crawler, a
// prefetch, or anything but a page being opened.
func looksAhead(r *http.Request) bool {
	h := r.Header
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		v := strings.ToLower(h.Get(name))
		if strings.Contains(v, "prefetch") || strings.Contains(v, "prerender") || strings.Contains(v, "preview") {
			return true
		}
	}
	// Browsers that send it say "navigate" for a page, whoever asked for it.
	if m := h.Get("Sec-Fetch-Mode"); m != "" && m != "navigate" {
		return true
	}
	agent := strings.ToLower(r.UserAgent())
	return slices.ContainsFunc(crawlers, func(c string) bool { return strings.Contains(agent, c) })
}
