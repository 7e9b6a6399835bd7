package requests

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

// whose returns the profile that the request is about, unless it carries
// somebody else's Slack ID: studio.ErrProfileTaken.
func (s *Service) whose(ctx context.Context, r studio.Request) (studio.Profile, error) {
	p, err := s.o.Maker.Profile(ctx, r.Domain, r.Profile)
	if err != nil {
		return p, err
	}
	// A profile whose tags can't be read is nobody's to give away.
	tags, err := s.o.Maker.ProfileTags(ctx, r.Domain, r.Profile)
	if err != nil {
		return p, err
	}
	for _, key := range s.o.Tags {
		if owner := tags[key]; owner != "" && owner != r.Person.User && owner != r.Person.String() {
			return p, fmt.Errorf("%w: its tag %s names another person", studio.ErrProfileTaken, key)
		}
	}
	return p, nil
}

// free returns who else has the profile, or will have it: studio.ErrProfileTaken,
// or another reason why the person can't be given it now.
func (s *Service) free(ctx context.Context, r studio.Request) ([]studio.Person, error) {
	if err := s.o.Denied(ctx, r.Person, r.Domain); err != nil {
		return nil, err
	}
	others, err := s.o.Others(ctx, r.Person, r.Domain, r.Profile)
	if err == nil && len(others) > 0 {
		err = fmt.Errorf("%w: %s has it", studio.ErrProfileTaken, others[0])
	}
	return others, err
}

// lookTime bounds a look at SageMaker that decides nothing by itself: an
// approver's press has 8 s in all.
const lookTime = 2 * time.Second

// lookUp notes what an approver should see: whether there is such a profile, and
// whose it is.
func (s *Service) lookUp(ctx context.Context, r *studio.Request) {
	others, err := s.free(ctx, *r)
	r.Others, r.Exists = others, ""
	if errors.Is(err, studio.ErrUnsure) {
		return // "there is no such profile" would sound as if it were free
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	switch _, err := s.o.Maker.Profile(ctx, r.Domain, r.Profile); {
	case err == nil:
		r.Exists = "yes"
	case errors.Is(err, studio.ErrNoProfile):
		r.Exists = "no"
	}
}

// make sees to it that the profile is there and in service.
func (s *Service) make(ctx context.Context, r *studio.Request) error {
	d, ok := s.domain(r.Domain)
	if !ok {
		return fmt.Errorf("%w: the domain isn't configured any more", studio.ErrRefused)
	}
	p, err := s.whose(ctx, *r)
	switch {
	case errors.Is(err, studio.ErrNoProfile) && d.Create:
		if err := s.create(ctx, *r, d); err != nil {
			return err
		}
		return errWait
	case err != nil:
		return err
	}
	switch p.Status {
	case studio.InService, "Updating", "Update_Failed": // these open
		return nil
	case "Failed", "Deleting", "Delete_Failed":
		return fmt.Errorf("%w: the profile is %s", studio.ErrRefused, p.Status)
	}
	return errWait
}

// create begins to make the profile, with an audit line first.
func (s *Service) create(ctx context.Context, r studio.Request, d Domain) error {
	e := entry(audit.Created, r)
	e.Actor = r.Decider.String()
	if err := s.o.Audit.Write(ctx, e); err != nil {
		return err
	}
	tags := map[string]string{}
	maps.Copy(tags, d.Tags)
	tags[s.o.Tags[0]] = r.Person.User
	return s.o.Maker.CreateProfile(ctx, studio.NewProfile{Domain: r.Domain, Name: r.Profile, Tags: tags})
}
