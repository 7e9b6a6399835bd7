package bot

import (
	"encoding/json"
	"testing"
)

// BenchmarkReady builds and encodes the message that answers /studio, as it
// goes into the acknowledgement.
func BenchmarkReady(b *testing.B) {
	for name, buttons := range map[string]int{"one button": 1, "twenty buttons": 20} {
		b.Run(name, func(b *testing.B) {
			o, links := golden(), issuedLinks(buttons)
			b.ReportAllocs()
			for b.Loop() {
				text, err := json.Marshal(readyMessage(o, links, nil, nil))
				if err != nil || len(text) == 0 {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(text)))
			}
		})
	}
}

// BenchmarkWords reads the text behind the command.
func BenchmarkWords(b *testing.B) {
	bot := &Bot{o: golden()}
	for name, c := range map[string]struct {
		text string
		want word
	}{
		"nothing":  {"", word{}},
		"a domain": {"prod", word{domain: "prod"}},
		"a typo":   {"reserch", word{unknown: "reserch", nearest: "research"}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got := bot.words(c.text); got != c.want {
					b.Fatalf("%+v", got)
				}
			}
		})
	}
}
