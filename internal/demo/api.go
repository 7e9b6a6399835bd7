package demo

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

// maxRequest bounds what the page sends.
const maxRequest = 16 << 10

// handler serves the page to this computer's browsers. host is the only name it
// answers to: another one would be a web site that found its way here.
func (d *Demo) handler(host string) http.Handler {
	mux := http.NewServeMux()
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /api/world", d.serveWorld)
	mux.HandleFunc("GET /api/screen", d.serveScreen)
	mux.HandleFunc("GET /api/feed", d.serveFeed)
	mux.HandleFunc("POST /api/command", d.serveCommand)
	mux.HandleFunc("POST /api/press", d.servePress)
	mux.HandleFunc("POST /api/choose", d.serveChoose)
	mux.HandleFunc("POST /api/home", d.serveHome)
	mux.HandleFunc("POST /api/shortcut", d.serveShortcut)
	mux.HandleFunc("POST /api/submit", d.serveSubmit)
	mux.HandleFunc("POST /api/close", d.serveClose)
	mux.HandleFunc("POST /api/switches", d.serveSwitches)
	mux.HandleFunc("POST /api/refresh", func(w http.ResponseWriter, _ *http.Request) { d.switches.refresh(); reply(w, d.switches.state()) })
	sameOrigin := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != host && r.Host != strings.Replace(host, "127.0.0.1", "localhost", 1) {
			http.Error(w, "this page is for this computer only", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		sameOrigin.ServeHTTP(w, r)
	})
}

// world is what the page needs to know once.
type world struct {
	People []character `json:"people"`
	// Commands are suggested to everybody, AdminCommands to admins besides.
	Commands      []string `json:"commands"`
	AdminCommands []string `json:"admin_commands"`
	Switches      state    `json:"switches"`
	// About says that there are several copies of studiobot; may be empty.
	About string `json:"about,omitempty"`
}

func (d *Demo) serveWorld(w http.ResponseWriter, _ *http.Request) {
	reply(w, world{
		People: cast(), Switches: d.switches.state(), About: d.about(),
		Commands: []string{"/studio", "/studio research", "/studio lab", "/studio prod canvas", "/studio status", "/studio remind on", "/studio help"},
		AdminCommands: []string{
			"/studio admin who @uma", "/studio admin link @uma sam-research", "/studio admin unlink @uma", "/studio admin list", "/studio admin requests",
		},
	})
}

// outcome says what Slack itself would show where an app doesn't answer.
type outcome struct {
	Error string `json:"error,omitempty"`
}

func (d *Demo) serveCommand(w http.ResponseWriter, r *http.Request) {
	var in struct{ Person, Text string }
	if !read(w, r, &in) {
		return
	}
	command, text, _ := strings.Cut(strings.TrimSpace(in.Text), " ")
	if command != "/studio" {
		reply(w, outcome{Error: "This demo has one command: /studio."})
		return
	}
	a, err := d.Slack.Command(r.Context(), in.Person, command, escaped(strings.TrimSpace(text)))
	switch {
	case err != nil:
		http.Error(w, "gone", http.StatusServiceUnavailable)
	case a.Error != "":
		reply(w, outcome{Error: "/studio failed with the error “" + a.Error + "”."})
	default:
		reply(w, outcome{})
	}
}

func (d *Demo) serveSwitches(w http.ResponseWriter, r *http.Request) {
	var want state
	if !read(w, r, &want) {
		return
	}
	if !d.switches.set(want) {
		http.Error(w, "no such state", http.StatusBadRequest)
		return
	}
	reply(w, d.switches.state())
}

// serveFeed tells the page what goes over the wire, as server-sent events.
func (d *Demo) serveFeed(w http.ResponseWriter, r *http.Request) {
	items, leave := d.feed.join()
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	beat := time.NewTicker(15 * time.Second)
	defer beat.Stop()
	line := []byte(": hello\n\n")
	for {
		if _, err := w.Write(line); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
		select {
		case item := <-items:
			raw, err := json.Marshal(item)
			if err != nil {
				return
			}
			line = append(append([]byte("data: "), raw...), '\n', '\n')
		case <-beat.C:
			line = []byte(": still here\n\n")
		case <-r.Context().Done():
			return
		}
	}
}

func read(w http.ResponseWriter, r *http.Request, v any) bool {
	if r.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "JSON only", http.StatusUnsupportedMediaType)
		return false
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		http.Error(w, "not what the page sends", http.StatusBadRequest)
		return false
	}
	return true
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a page that is gone needs no answer
}
