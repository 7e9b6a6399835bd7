package sagemakersim

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The API model's bounds of tags.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
	tagPattern  = `([\p{L}\p{Z}\p{N}_.:/=+\-@]*)`
	// systemTag is what the keys begin with that only AWS sets. They don't count
	// among the 50.
	systemTag = "aws:"
)

var tagRegexp = regexp.MustCompile(`^(?:` + tagPattern + `)$`)

type tag struct{ Key, Value *string }

// wireTag is a tag of an answer.
type wireTag struct{ Key, Value string }

type tagsInput struct {
	Resource   *string `json:"ResourceArn"`
	MaxResults *int
	NextToken  *string
	Tags       *[]tag
	TagKeys    *[]string
}

type listedTags struct {
	Tags      []wireTag
	NextToken string `json:",omitempty"`
}

func (c *constraints) tags(tags []tag) {
	c.length("tags", len(tags), 0, maxTags)
	for i, t := range tags {
		member := "tags." + strconv.Itoa(i+1) + ".member."
		c.text(member+"key", t.Key, true, maxTagKey, tagPattern, tagRegexp)
		c.text(member+"value", t.Value, true, maxTagValue, tagPattern, tagRegexp)
		if t.Key != nil && *t.Key == "" {
			c.violated("''", member+"key", "Member must have length greater than or equal to 1")
		}
	}
}

// collect makes a map of checked tags.
func collect(tags []tag) (map[string]string, *failure) {
	out := make(map[string]string, len(tags))
	for _, t := range tags {
		if _, twice := out[*t.Key]; twice {
			return nil, invalid("Duplicate tag key found: " + *t.Key)
		}
		if strings.HasPrefix(strings.ToLower(*t.Key), systemTag) {
			return nil, invalid("aws: prefixed tag key names are not allowed for external use.")
		}
		out[*t.Key] = *t.Value
	}
	return out, nil
}

// ownTags counts those that aren't AWS's.
func ownTags(tags map[string]string) int {
	n := 0
	for key := range tags {
		if !strings.HasPrefix(key, systemTag) {
			n++
		}
	}
	return n
}

// tagged calls with with the tags that the resource has; where it returns
// others, they replace them.
func (s *Server) tagged(region, arn string, with func(map[string]string) (map[string]string, *failure)) *failure {
	missing := invalid("Resource does not exist")
	if _, name, ok := strings.Cut(arn, ":notebook-instance/"); ok {
		return s.taggedNotebook(region, arn, name, missing, with)
	}
	domainID, name, ok := resource(arn)
	if !ok {
		return missing
	}
	failed := missing
	s.estate.write(domainID, func(d *domain) {
		if d == nil {
			return
		}
		tags, itsARN := &d.Tags, domainARN(region, d.ID)
		if name != "" {
			r := d.profiles[strings.ToLower(name)]
			if r == nil {
				return
			}
			tags, itsARN = &r.Tags, profileARN(region, d.ID, s.spelled(r.Name))
		}
		if arn != itsARN {
			return
		}
		var changed map[string]string
		if changed, failed = with(*tags); failed == nil && changed != nil {
			*tags = changed // LastModifiedTime stays, see the package's doc
		}
	})
	return failed
}

// taggedNotebook is tagged for a notebook instance.
func (s *Server) taggedNotebook(region, arn, name string, failed *failure, with func(map[string]string) (map[string]string, *failure)) *failure {
	s.estate.mu.Lock()
	defer s.estate.mu.Unlock()
	n := s.estate.notebook(name)
	if n == nil || arn != notebookARN(region, n.Name) {
		return failed
	}
	changed, failed := with(n.Tags)
	if failed == nil && changed != nil {
		n.Tags = changed
	}
	return failed
}

func (s *Server) listTags(r *request) (any, *failure) {
	in, failed := decode[tagsInput](r.body)
	if failed != nil {
		return nil, failed
	}
	var c constraints
	c.text("resourceArn", in.Resource, true, 256, arnPattern, arnRegexp)
	c.text("nextToken", in.NextToken, false, 8192, "", nil)
	if in.MaxResults != nil && *in.MaxResults < maxTags {
		c.violated("'"+strconv.Itoa(*in.MaxResults)+"'", "maxResults", "Member must have value greater than or equal to "+strconv.Itoa(maxTags))
	}
	if failed := c.failure(); failed != nil {
		return nil, failed
	}
	query := "tags " + *in.Resource
	from, failed := s.tokens.read(in.NextToken, query)
	if failed != nil {
		return nil, failed
	}
	page := maxTags
	if in.MaxResults != nil {
		page = *in.MaxResults
	}
	if s.o.PageLimit > 0 {
		page = min(page, s.o.PageLimit)
	}
	out := &listedTags{Tags: []wireTag{}}
	failed = s.tagged(r.region, *in.Resource, func(tags map[string]string) (map[string]string, *failure) {
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			switch {
			case from != nil && key <= from.Key:
			case len(out.Tags) == page:
				out.NextToken = s.tokens.make(cursor{Query: query, Key: out.Tags[page-1].Key})
				return nil, nil
			default:
				out.Tags = append(out.Tags, wireTag{key, tags[key]})
			}
		}
		return nil, nil
	})
	if failed != nil {
		return nil, failed
	}
	r.call.Items, r.call.More = len(out.Tags), out.NextToken != ""
	return out, nil
}

func (s *Server) addTags(r *request) (any, *failure) {
	in, failed := decode[tagsInput](r.body)
	if failed != nil {
		return nil, failed
	}
	var c constraints
	c.text("resourceArn", in.Resource, true, 256, arnPattern, arnRegexp)
	if in.Tags == nil {
		c.violated("null", "tags", "Member must not be null")
	} else {
		c.tags(*in.Tags)
	}
	if failed := c.failure(); failed != nil {
		return nil, failed
	}
	fresh, failed := collect(*in.Tags)
	if failed != nil {
		return nil, failed
	}
	out := &listedTags{Tags: []wireTag{}}
	failed = s.tagged(r.region, *in.Resource, func(tags map[string]string) (map[string]string, *failure) {
		all := make(map[string]string, len(tags)+len(fresh))
		maps.Copy(all, tags)
		maps.Copy(all, fresh)
		if ownTags(all) > maxTags {
			return nil, &failure{status: http.StatusBadRequest, code: "ResourceLimitExceeded", message: "The resource can have no more than " + strconv.Itoa(maxTags) + " tags"}
		}
		for _, key := range slices.Sorted(maps.Keys(all)) {
			out.Tags = append(out.Tags, wireTag{key, all[key]})
		}
		return all, nil
	})
	if failed != nil {
		return nil, failed
	}
	return out, nil
}

func (s *Server) deleteTags(r *request) (any, *failure) {
	in, failed := decode[tagsInput](r.body)
	if failed != nil {
		return nil, failed
	}
	var c constraints
	c.text("resourceArn", in.Resource, true, 256, arnPattern, arnRegexp)
	if in.TagKeys == nil {
		c.violated("null", "tagKeys", "Member must not be null")
	} else {
		c.length("tagKeys", len(*in.TagKeys), 1, maxTags)
		for i, key := range *in.TagKeys {
			c.text("tagKeys."+strconv.Itoa(i+1)+".member", &key, true, maxTagKey, tagPattern, tagRegexp)
		}
	}
	if failed := c.failure(); failed != nil {
		return nil, failed
	}
	failed = s.tagged(r.region, *in.Resource, func(tags map[string]string) (map[string]string, *failure) {
		left := make(map[string]string, len(tags))
		maps.Copy(left, tags)
		for _, key := range *in.TagKeys {
			delete(left, key)
		}
		return left, nil
	})
	if failed != nil {
		return nil, failed
	}
	return &struct{}{}, nil
}
