package studiobot

import "unicode/utf8"

// maxNear bounds what is compared: nothing that long is a slip of the fingers.
const maxNear = 40

// Nearest returns the candidate that was probably meant by word, or "" where
// none is close: up to two letters may be added, dropped, changed or swapped,
// but not half of the word.
func Nearest(word string, candidates []string) string {
	if len(word) > maxNear {
		return ""
	}
	best, found := 3, ""
	for _, c := range candidates {
		d := letters(word, c)
		if d < best && 2*d < max(utf8.RuneCountInString(word), utf8.RuneCountInString(c)) {
			best, found = d, c
		}
	}
	return found
}

// letters is the number of slips between two words.
func letters(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row := make([]int, len(y)+1)
		row[0] = i + 1
		for j := range y {
			change := last[j]
			if x[i] != y[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(y)]
}
