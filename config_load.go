package studiobot

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxConfigFile bounds the file; a config of a hundred domains is a tenth of it.
const maxConfigFile = 1 << 20

// Load reads and checks the config file at path and the environment. The error
// is Mistakes: all of them, not just the first. Nothing may run with a Config
// that came with an error; it holds what could be read all the same.
//
// With a nil getenv only the file itself is read: neither the environment nor
// the files that it names are looked at, and Secrets stay empty.
func Load(path string, getenv func(string) string) (Config, error) {
	return LoadAs(RoleAll, path, getenv)
}

// LoadAs is Load for a process of that role: what it doesn't need isn't asked for.
func LoadAs(role Role, path string, getenv func(string) string) (Config, error) {
	data, err := readConfigFile(path)
	if err != nil {
		return Config{}, err
	}
	return ParseAs(role, path, data, getenv)
}

func readConfigFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, Mistakes{{File: path, Problem: "there is no such file", Want: "`studiobot config init` writes one to start from"}}
	case err != nil:
		return nil, Mistakes{{File: path, Problem: "can't be read (" + reason(err) + ")"}}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfigFile+1))
	if err != nil {
		return nil, Mistakes{{File: path, Problem: "can't be read (" + reason(err) + ")"}}
	}
	return data, nil
}

// reason is err without the path, which stands in front of it already.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}

// Parse is Load for a file that was read already. name stands in the mistakes;
// relative paths in the config are relative to its folder.
func Parse(name string, data []byte, getenv func(string) string) (Config, error) {
	return ParseAs(RoleAll, name, data, getenv)
}

// ParseAs is LoadAs for a file that was read already.
func ParseAs(role Role, name string, data []byte, getenv func(string) string) (Config, error) {
	return parse(role, name, data, getenv, notYet())
}

func parse(role Role, name string, data []byte, getenv func(string) string, unbuilt []unbuilt) (Config, error) {
	r := &reader{role: role, name: name, folder: filepath.Dir(name), outside: getenv != nil, unbuilt: unbuilt, lines: map[string]int{}}
	r.cfg.Role = role
	if len(data) > maxConfigFile {
		r.add(Mistake{File: name, Problem: fmt.Sprintf("is larger than %d MiB", maxConfigFile>>20), Want: "it should be a few lines"})
	} else if root, ok := r.document(data); ok {
		r.group(root, grow(rows()), "")
		r.together()
	}
	if r.outside {
		r.environment(getenv)
	}
	if len(r.mistakes) > 0 {
		r.sort()
		return r.cfg, r.mistakes
	}
	return r.cfg, nil
}
