package mapping

import (
	"fmt"
	"time"
)

// apart is how far the clocks of two processes may be apart: what a copy says
// counts as being that much older, so that an event which this process heard of
// is never undone by an older word of another one.
const apart = time.Minute

// Whole is the beginning of the latest complete reading, and whether there was
// one.
func (d *Directory) Whole() (began time.Time, complete bool) {
	whole := d.whole.Load()
	if whole == noReading {
		return time.Time{}, false
	}
	return d.born.Add(time.Duration(whole)), true
}

// Follow takes in the copy of another process that read the whole workspace, as a
// reading of our own: whom it lacks is dropped, and of changes
// DirectoryOptions.Changed is told. It counts as a minute older than it says it
// is. Which copies are refused, Restore tells.
func (d *Directory) Follow(data []byte, taken time.Time) error {
	if ahead := taken.Sub(d.o.Now()); ahead > apart {
		return fmt.Errorf("%w: taken %v in the future", errCopy, ahead)
	}
	asOf, all, err := d.decode(data, taken.Add(-apart))
	if err != nil {
		return err
	}
	for i := range all {
		d.take(all[i].m, all[i].asOf)
	}
	d.people.dropBefore(asOf)
	d.completed(asOf)
	return nil
}
