package launch

import (
	_ "embed"
	"html"
	"strings"
)

// The pages are written by hand and not with html/template, which calls methods
// by name: with it in the program the linker keeps every method of the AWS SDK,
// and the binary is twice as large. So the rule is here, and short: whatever
// isn't a constant goes through text, between tags or in a quoted attribute.

//go:embed page.css
var pageStyle string

// page is what one page shows. Empty parts are left out.
type page struct {
	Title   string
	Says    []string
	Ref     string
	Busy    bool   // shows that something is going on
	Refresh string // the address that the page loads again after 2 s
	Leave   string // the presigned URL: the page goes there at once
	Retry   bool
	SignIn  string
	Back    string // to Slack
	Confirm string // the form's nonce
	Label   string
	Profile string
	Name    string // of what opens, where it has one
	Choices []Choice
	Links   []Action
	Forms   []Action
}

// text is s for between tags, or for an attribute in double quotes.
func text(s string) string { return html.EscapeString(s) }

// address is a link's href; anything that isn't a web address leads nowhere.
func address(s string) string {
	if !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return "#"
	}
	return text(s)
}

// ownPath is the address of one of our own pages; anything else leads nowhere.
func ownPath(s string) string {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.HasPrefix(s, "/\\") {
		return "#"
	}
	return text(s)
}

// html writes one thing to open. Its button's name says what it opens, also where
// only the buttons are read out.
func (c Choice) html(write func(...string), first bool) {
	write("<section class=\"choice\">\n<h2>", text(c.Label), "</h2>\n")
	if c.Detail != "" {
		write("<p class=\"soft\">", text(c.Detail), "</p>\n")
	}
	focus := ""
	if first {
		focus = " autofocus"
	}
	write("<div class=\"do\">\n")
	name := text(c.Button + ": " + c.Label)
	if c.Page != "" {
		write("<a class=\"go\" href=\"", address(c.Page), "\" rel=\"noreferrer\" aria-label=\"", name, "\">", text(c.Button), "</a>\n")
	} else {
		write("<form method=\"post\" action=\"", ownPath(c.Post), "\"><button class=\"go\" type=\"submit\"", focus, " aria-label=\"", name, "\">", text(c.Button), "</button></form>\n")
	}
	if c.Bookmark != "" {
		write("<a href=\"", ownPath(c.Bookmark), "\" aria-label=\"", text("Link to bookmark: "+c.Label), "\">Link to bookmark</a>\n")
	}
	write("</div>\n</section>\n")
}

// html writes the page. Nothing in it is loaded from anywhere, and no script
// runs.
func (v page) html(styleNonce string) string {
	var b strings.Builder
	b.Grow(len(pageStyle) + 2048)
	write := func(parts ...string) {
		for _, p := range parts {
			b.WriteString(p)
		}
	}
	write("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
		"<meta name=\"robots\" content=\"noindex\">\n<meta name=\"color-scheme\" content=\"light dark\">\n")
	if v.Refresh != "" {
		write("<meta http-equiv=\"refresh\" content=\"2; url=", text(v.Refresh), "\">\n")
	}
	if v.Leave != "" {
		write("<meta http-equiv=\"refresh\" content=\"0; url=", address(v.Leave), "\">\n")
	}
	write("<title>", text(v.Title), "</title>\n<link rel=\"icon\" href=\"data:,\">\n",
		"<style nonce=\"", text(styleNonce), "\">\n", pageStyle, "</style>\n</head>\n<body>\n<main>\n")
	if v.Busy {
		write("<div class=\"busy\" aria-hidden=\"true\"></div>\n")
	}
	write("<h1>", text(v.Title), "</h1>\n")
	if v.Confirm != "" {
		write("<dl>\n<dt>Domain</dt><dd>", text(v.Label), "</dd>\n")
		if v.Profile != "" {
			write("<dt>User profile</dt><dd>", text(v.Profile), "</dd>\n")
		}
		if v.Name != "" {
			write("<dt>Opens</dt><dd>", text(v.Name), "</dd>\n")
		}
		write("</dl>\n")
	}
	for _, s := range v.Says {
		write("<p>", text(s), "</p>\n")
	}
	for i, c := range v.Choices {
		c.html(write, i == 0)
	}
	v.actions(write)
	if v.Ref != "" {
		write("<p class=\"ref\">Reference <code>", text(v.Ref), "</code></p>\n")
	}
	write("</main>\n</body>\n</html>\n")
	return b.String()
}

// actions writes what the person can do, the likeliest first.
func (v page) actions(write func(...string)) {
	write("<div class=\"do\">\n")
	if v.Confirm != "" {
		write("<form method=\"post\"><input type=\"hidden\" name=\"nonce\" value=\"", text(v.Confirm), "\">",
			"<button class=\"go\" type=\"submit\" autofocus>Open Studio</button></form>\n")
	}
	if v.Leave != "" {
		write("<a class=\"go\" href=\"", address(v.Leave), "\" rel=\"noreferrer\">Open Studio</a>\n")
	}
	if v.Retry {
		write("<a class=\"go\" href=\"?\">Try again</a>\n")
	}
	if v.SignIn != "" {
		write("<a class=\"go\" href=\"", address(v.SignIn), "\" rel=\"noreferrer\">Sign in to Studio</a>\n")
	}
	for _, l := range v.Links {
		class := ""
		if l.Main {
			class = " class=\"go\""
		}
		write("<a", class, " href=\"", ownPath(l.Path), "\">", text(l.Text), "</a>\n")
	}
	for _, f := range v.Forms {
		write("<form method=\"post\" action=\"", ownPath(f.Path), "\"><button class=\"less\" type=\"submit\">", text(f.Text), "</button></form>\n")
	}
	write("<a href=\"", address(v.Back), "\" rel=\"noreferrer\">Back to Slack</a>\n</div>\n")
}
