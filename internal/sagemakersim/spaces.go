package sagemakersim

import (
	"strings"
)

type listSpacesInput struct {
	listInput
	DomainID *string `json:"DomainIdEquals"`
	Contains *string `json:"SpaceNameContains"`
}

type listedSpaces struct {
	Spaces    []listedSpace
	NextToken string `json:",omitempty"`
}

type listedSpace struct {
	DomainID         string `json:"DomainId"`
	SpaceName        string
	SpaceDisplayName string `json:",omitempty"`
	Status           string
	CreationTime     float64
	LastModifiedTime float64
	Settings         spaceSettings `json:"SpaceSettingsSummary"`
	Sharing          *spaceSharing `json:"SpaceSharingSettingsSummary,omitempty"`
	Ownership        *spaceOwner   `json:"OwnershipSettingsSummary,omitempty"`
}

type describedSpace struct {
	DomainID         string `json:"DomainId"`
	SpaceArn         string
	SpaceName        string
	SpaceDisplayName string `json:",omitempty"`
	Status           string
	CreationTime     float64
	LastModifiedTime float64
	SpaceSettings    spaceSettings
	Sharing          *spaceSharing `json:"SpaceSharingSettings,omitempty"`
	Ownership        *spaceOwner   `json:"OwnershipSettings,omitempty"`
}

type spaceSettings struct {
	AppType string
	Storage *spaceStorage `json:"SpaceStorageSettings,omitempty"`
}

type spaceStorage struct {
	EBS struct {
		Size int `json:"EbsVolumeSizeInGb"`
	} `json:"EbsStorageSettings"`
}

type spaceSharing struct{ SharingType string }

type spaceOwner struct {
	Owner string `json:"OwnerUserProfileName"`
}

// wire returns the parts of a space that stand in both answers.
func (sp Space) wire() (settings spaceSettings, sharing *spaceSharing, owner *spaceOwner) {
	settings.AppType = sp.App
	if sp.VolumeGB > 0 {
		settings.Storage = &spaceStorage{}
		settings.Storage.EBS.Size = sp.VolumeGB
	}
	if sp.Owner == "" {
		return settings, nil, nil // a shared space of Studio Classic has neither
	}
	sharing = &spaceSharing{"Private"}
	if sp.Shared {
		sharing.SharingType = "Shared"
	}
	return settings, sharing, &spaceOwner{sp.Owner}
}

func (s *Server) listSpaces(r *request) (any, *failure) {
	in, failed := decode[listSpacesInput](r.body)
	if failed != nil {
		return nil, failed
	}
	var c constraints
	c.text("domainIdEquals", in.DomainID, false, 63, domainIDPattern, domainIDRegexp)
	c.text("spaceNameContains", in.Contains, false, 63, namePattern, nameRegexp)
	in.check(&c, byCreation, byModification)
	if failed := c.failure(); failed != nil {
		return nil, failed
	}
	by, down := in.by(byCreation), in.down(false)
	contains := strings.ToLower(value(in.Contains))
	var rows []row[listedSpace]
	s.estate.each(value(in.DomainID), func(d *domain) {
		for _, sp := range d.spaces {
			if !strings.Contains(strings.ToLower(sp.Name), contains) {
				continue
			}
			settings, sharing, owner := sp.wire()
			at := sp.Created
			if by == byModification {
				at = sp.Modified
			}
			rows = append(rows, row[listedSpace]{listedSpace{
				d.ID, sp.Name, sp.Display, sp.Status, wireTime(sp.Created), wireTime(sp.Modified), settings, sharing, owner,
			}, "", place{at.UnixNano(), sp.serial}})
		}
	})
	items, next, failed := cut(s, r, in.listInput, down, []any{value(in.DomainID), contains, by, down}, rows)
	if failed != nil {
		return nil, failed
	}
	return &listedSpaces{items, next}, nil
}

type spaceInput struct {
	DomainID *string `json:"DomainId"`
	Space    *string `json:"SpaceName"`
}

func (s *Server) describeSpace(r *request) (any, *failure) {
	in, failed := decode[spaceInput](r.body)
	if failed != nil {
		return nil, failed
	}
	var c constraints
	c.text("domainId", in.DomainID, true, 63, domainIDPattern, domainIDRegexp)
	c.text("spaceName", in.Space, true, 63, namePattern, nameRegexp)
	if failed := c.failure(); failed != nil {
		return nil, failed
	}
	var out any
	s.estate.write(*in.DomainID, func(d *domain) {
		if d == nil {
			failed = noDomain(r.region, *in.DomainID)
			return
		}
		sp := d.spaces[strings.ToLower(*in.Space)]
		if sp == nil {
			failed = noSpace(r.region, d.ID, *in.Space)
			return
		}
		settings, sharing, owner := sp.wire()
		out = &describedSpace{
			d.ID, spaceARN(r.region, d.ID, sp.Name), sp.Name, sp.Display, sp.Status, wireTime(sp.Created), wireTime(sp.Modified),
			settings, sharing, owner,
		}
	})
	return out, failed
}

// each calls with with one domain, or with all of them where id is empty.
func (e *estate) each(id string, with func(*domain)) {
	if id != "" {
		e.write(id, func(d *domain) {
			if d != nil {
				with(d)
			}
		})
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, d := range e.domains {
		with(d)
	}
}
