package studiobot

import (
	"log/slog"
	"net/http"
)

// NewServer is the server that Run puts launch pages behind.
func NewServer(launch http.Handler, log *slog.Logger) *http.Server {
	return newServer(launch, nil, log)
}
