package mapping

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

var errNotAFile = errors.New("not a regular file")

// openFile opens a users file, and nothing that could block, like a pipe. Of one
// that is too large it yields a bit more than is accepted. size is what the file
// says; it may change meanwhile.
func openFile(path string) (file io.ReadCloser, size int64, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, fmt.Errorf("users file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("users file: %s: %w", path, errNotAFile)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("users file: %w", err)
	}
	most := MaxUsersFile(path) + 1
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(f, most), f}, min(info.Size(), most), nil
}

func readFile(path string) ([]byte, error) {
	file, size, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	if _, err := data.ReadFrom(file); err != nil {
		return nil, fmt.Errorf("users file: %w", err)
	}
	return data.Bytes(), nil
}

// sum is the hash of data, taken in pieces: the hash of hundreds of megabytes
// can't be interrupted, and the garbage collector would wait for it, and
// everybody for the garbage collector.
func sum(data []byte) (out [sha256.Size]byte) {
	hash := sha256.New()
	i := 0
	for piece := range slices.Chunk(data, 64<<10) {
		_, _ = hash.Write(piece) // never fails
		breathe(i*256 + 255)     // every mebibyte
		i++
	}
	hash.Sum(out[:0])
	return out
}

// sumFile is the sum of what readFile would return.
func sumFile(path string) (out [sha256.Size]byte, err error) {
	file, _, err := openFile(path)
	if err != nil {
		return out, err
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return out, fmt.Errorf("users file: %w", err)
	}
	hash.Sum(out[:0])
	return out, nil
}
