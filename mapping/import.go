package mapping

// ParseLinks reads a users file, CSV or YAML by the ending of its name, as links
// for the table, in the order of the file. By and At are left empty. name is what
// the mistakes carry. With mistakes there are no links; a file that names nobody
// is one.
func ParseLinks(name string, data []byte, domains []string) ([]Link, []Mistake) {
	r := parse(name, data, domains)
	if r.blank && len(r.mistakes) == 0 {
		r.mistakes = []Mistake{r.namesNobody()}
	}
	if len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	links := make([]Link, 0, r.list.count)
	r.list.each(func(_ uint32, row *row) bool {
		e := r.list.record(row)
		links = append(links, Link{Person: e.person, Domain: e.domain, Profile: e.profile, Denied: e.denied})
		return true
	})
	return links, nil
}
