package mapping

// index finds rows by a hash of what they are about, by open addressing: 8 bytes
// a slot, and a slot in four is free at least. It holds no pointers, so that a
// million rows cost the garbage collector nothing.
type index struct {
	slots []slot // a power of two of them, or none
	used  int
}

// slot is a row and the hash that it is found by.
type slot struct {
	sum uint32
	row uint32 // counted from 1; 0: free
}

// find returns the slot with that hash whose row is the same, or nil.
func (x *index) find(sum uint32, same func(row uint32) bool) *slot {
	if x.used == 0 {
		return nil
	}
	mask := uint32(len(x.slots) - 1)
	for i := sum & mask; ; i = (i + 1) & mask {
		switch s := &x.slots[i]; {
		case s.row == 0:
			return nil
		case s.sum == sum && same(s.row-1):
			return s
		}
	}
}

// add takes in a row that find doesn't find.
func (x *index) add(sum, row uint32) {
	if x.used >= len(x.slots)/4*3 {
		old := x.slots
		x.slots = make([]slot, max(8, 2*len(old)))
		for i, s := range old {
			if s.row != 0 {
				x.put(s)
			}
			if i%16 == 0 {
				breathe(i / 16)
			}
		}
	}
	x.put(slot{sum, row + 1})
	x.used++
}

func (x *index) put(s slot) {
	mask := uint32(len(x.slots) - 1)
	i := s.sum & mask
	for x.slots[i].row != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = s
}
