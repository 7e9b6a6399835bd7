package dynamodb

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"
)

// A copy is compressed and cut into pieces, since an item may be 400 KB. The
// pieces are written first, under a name that no other copy has, and then the
// head, which tells their name: whoever reads sees a whole copy or none. Whoever
// replaces a head deletes the pieces of the one before; what a crash leaves goes
// by TTL.

const (
	// pieceSize is how much of a blob one item holds; the limit is 400 KB with
	// everything.
	pieceSize = 350 << 10
	// piecesAtOnce is how many are read or written at a time.
	piecesAtOnce = 8
	// maxPieces bounds a copy that is read: 128 MB, compressed.
	maxPieces = 400
	// keepCopy is how long a copy is of use to anybody: mapping.max_age is seven
	// days at most.
	keepCopy = 8 * 24 * time.Hour
	// copyTries is how often a copy is read that is replaced meanwhile.
	copyTries = 5

	attrTaken  = "taken"  // nanoseconds since 1970
	attrPieces = "pieces" // how many
	attrBlob   = "blob"   // what the pieces are called
	attrSize   = "size"   // of the data, in bytes
)

func copyPartition(copied string) string { return "copy/" + path(copied) }
func copyItem(copied string) itemKey     { return itemKey{copyPartition(copied), "copy"} }

func pieceItem(partition, blob string, n int) itemKey {
	return itemKey{partition, fmt.Sprintf("piece/%s/%06d", blob, n)}
}

// head is what the head of a copy says.
type head struct {
	there  bool
	taken  time.Time
	blob   string
	pieces int
	size   int
}

func headOf(all map[string]types.AttributeValue) head {
	taken, there := numberOf(all[attrTaken])
	pieces, _ := numberOf(all[attrPieces])
	size, _ := numberOf(all[attrSize])
	return head{there, time.Unix(0, taken).UTC(), textOf(all[attrBlob]), int(max(0, min(pieces, maxPieces))), int(size)}
}

// nanos writes a moment; one that nanoseconds can't tell is the nearest that they
// can: the years 1678 to 2262.
func nanos(t time.Time) int64 {
	switch {
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// KeepCopy implements mapping.Copies. A copy as old as the one that is there
// replaces it.
func (s *Store) KeepCopy(ctx context.Context, copied string, taken time.Time, data []byte) error {
	x, err := s.get(ctx, copyItem(copied))
	if err == nil {
		if old := headOf(x.all); old.there && taken.Before(old.taken) {
			return nil
		}
		err = s.writeCopy(ctx, copied, taken, data)
	}
	if err != nil {
		return s.failed(ctx, "keep copy in", err)
	}
	return nil
}

func (s *Store) writeCopy(ctx context.Context, copied string, taken time.Time, data []byte) error {
	partition, mine := copyPartition(copied), newWriteID()
	expires := s.now().Add(keepCopy)
	pieces, err := s.writePieces(ctx, partition, mine, pack(data), expires)
	if err != nil {
		return err
	}
	limited, cancel := within(ctx)
	defer cancel()
	out, err := s.api.UpdateItem(limited, &api.UpdateItemInput{
		TableName: name(s.table), Key: copyItem(copied).attributes(),
		UpdateExpression:    name("SET #taken = :taken, #pieces = :pieces, #blob = :blob, #size = :size, #exp = :exp"),
		ConditionExpression: name("attribute_not_exists(#taken) OR #taken <= :taken"),
		ExpressionAttributeNames: map[string]string{
			"#taken": attrTaken, "#pieces": attrPieces, "#blob": attrBlob, "#size": attrSize, "#exp": attrExpires,
		},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":taken": number(nanos(taken)), ":pieces": number(int64(pieces)), ":blob": text(mine), ":size": number(int64(len(data))), ":exp": number(expires.Unix()),
		},
		ReturnValues: types.ReturnValueAllOld,
	})
	var no *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &no): // a younger one is there
		s.deletePieces(ctx, partition, mine, pieces)
		return nil
	case err != nil:
		return err
	}
	// A write that was made twice returns itself.
	if old := headOf(out.Attributes); old.there && old.blob != mine {
		s.deletePieces(ctx, partition, old.blob, old.pieces)
	}
	return nil
}

// Copy implements mapping.Copies.
func (s *Store) Copy(ctx context.Context, copied string) ([]byte, time.Time, error) {
	return s.CopySince(ctx, copied, time.Time{})
}

// CopySince implements mapping.Copies. Where there is nothing younger it reads one
// small item.
func (s *Store) CopySince(ctx context.Context, copied string, since time.Time) (data []byte, taken time.Time, err error) {
	for range copyTries {
		var h head
		var x item
		if x, err = s.get(ctx, copyItem(copied)); err != nil {
			break
		}
		if h = headOf(x.all); !h.there || !since.IsZero() && !h.taken.After(since) {
			return nil, time.Time{}, nil
		}
		var packed []byte
		packed, err = s.readPieces(ctx, copyPartition(copied), h.blob, h.pieces)
		if err == nil {
			if data, err = unpack(packed, h.size); err == nil {
				return data, h.taken, nil
			}
		}
		if !errors.Is(err, errNoPiece) {
			break
		}
		// It was replaced between the two, or TTL has taken a piece.
	}
	if errors.Is(err, errNoPiece) {
		return nil, time.Time{}, nil // a copy that is lost
	}
	return nil, time.Time{}, s.failed(ctx, "read copy of", err)
}

// writePieces writes a blob and returns how many pieces it has.
func (s *Store) writePieces(ctx context.Context, partition, called string, data []byte, expires time.Time) (pieces int, err error) {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(piecesAtOnce)
	for ; len(data) > 0; pieces++ {
		x := pieceItem(partition, called, pieces).attributes()
		x[attrRecord] = blob(data[:min(pieceSize, len(data))])
		if !expires.IsZero() {
			x[attrExpires] = number(ceilSecond(expires))
		}
		data = data[min(pieceSize, len(data)):]
		group.Go(func() error {
			limited, cancel := within(inner)
			defer cancel()
			_, err := s.api.PutItem(limited, &api.PutItemInput{TableName: name(s.table), Item: x})
			return err
		})
	}
	return pieces, group.Wait()
}

var errNoPiece = errors.New("a piece is missing")

func (s *Store) readPieces(ctx context.Context, partition, called string, pieces int) ([]byte, error) {
	parts := make([][]byte, pieces)
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(piecesAtOnce)
	for n := range parts {
		group.Go(func() error {
			x, err := s.get(inner, pieceItem(partition, called, n))
			if err == nil && !x.there {
				err = errNoPiece
			}
			parts[n] = x.record
			return err
		})
	}
	err := group.Wait()
	return bytes.Join(parts, nil), err
}

// deletePieces deletes what nobody refers to any more. What can't be deleted goes
// by TTL.
func (s *Store) deletePieces(ctx context.Context, partition, called string, pieces int) {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(piecesAtOnce)
	for n := range pieces {
		group.Go(func() error { return s.remove(inner, pieceItem(partition, called, n), "", nil) })
	}
	if err := group.Wait(); err != nil {
		s.log.DebugContext(ctx, "pieces of an old copy stay until TTL takes them", "err", err)
	}
}

// pack compresses.
func pack(data []byte) []byte {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, flate.BestSpeed) // the level is one
	_, _ = w.Write(data)                           // into memory
	_ = w.Close()
	return out.Bytes()
}

// unpack is the reverse of pack, for data of a known size.
func unpack(packed []byte, size int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), int64(size)+1))
	if err != nil || len(data) != size {
		return nil, fmt.Errorf("%w: %d bytes of %d (%v)", ErrDamaged, len(data), size, err)
	}
	return data, nil
}
