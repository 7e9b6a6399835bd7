package launch

import (
	"crypto/hmac"
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

// visitorCookie tells browsers behind one address apart. It proves nothing and
// opens nothing.
const visitorCookie = "studiobot_visitor"

// visitor is who asks, for the rule of the early visitor.
func (s *Service) visitor(r *http.Request) (v Visitor, cookie string) {
	if c, err := r.Cookie(visitorCookie); err == nil && len(c.Value) == 22 {
		cookie = c.Value
	} else {
		b := make([]byte, 16)
		_, _ = rand.Read(b)
		cookie, v.fresh = base64.RawURLEncoding.EncodeToString(b), true
	}
	addr := s.clientAddress(r)
	if addr.Is6() {
		// One host has many addresses of its own /64, and changes them.
		if p, err := addr.Prefix(64); err == nil {
			addr = p.Addr()
		}
	}
	v.Net = s.hash("net", addr.String(), r.UserAgent())
	v.Cookie = s.hash("cookie", cookie)
	v.First = time.Now()
	return v, cookie
}

// hash keys what visitors are told apart by, so that a record names nobody.
func (s *Service) hash(parts ...string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

func (s *Service) setVisitorCookie(w http.ResponseWriter, value string) {
	http.SetCookie(w, &http.Cookie{
		Name: visitorCookie, Value: value, Path: s.path, MaxAge: 900,
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
