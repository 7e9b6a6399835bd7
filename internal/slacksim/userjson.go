package slacksim

import (
	"encoding/json"
	"strconv"
)

// appendPerson writes a person as the token may see them.
func (s *Server) appendPerson(b []byte, p Person, locale bool) []byte {
	if !s.holds("users:read.email") {
		p.Email = "" // Slack leaves it out without a word
	}
	return appendUser(b, p, s.people.team(p.TeamID), locale)
}

// appendUser writes a person as users.list does, about 1.6 KB: a directory
// that keeps too much of it has to show in a memory test. It appends instead
// of marshalling, so that a page of a large workspace costs little.
func appendUser(b []byte, p Person, home string, locale bool) []byte {
	b = append(b, `{"id":`...)
	b = appendQuote(b, p.ID)
	b = text(b, "team_id", p.TeamID)
	b = text(b, "name", p.Name)
	b = flag(b, "deleted", p.Deleted)
	if !p.Deleted { // of a deactivated person Slack tells less
		b = append(b, `,"color":"9f69e7"`...)
		b = text(b, "real_name", p.RealName)
		b = text(b, "tz", p.TZ)
		b = append(b, `,"tz_label":"Central European Time","tz_offset":3600`...)
	}
	b = append(b, `,"profile":`...)
	b = appendProfile(b, p)
	if !p.Deleted {
		b = flag(b, "is_admin", p.Admin)
		b = append(b, `,"is_owner":false,"is_primary_owner":false`...)
		b = flag(b, "is_restricted", p.Guest || p.SingleChannelGuest)
		b = flag(b, "is_ultra_restricted", p.SingleChannelGuest)
	}
	b = flag(b, "is_bot", p.Bot || p.WorkflowBot || p.ConnectorBot)
	b = append(b, `,"is_app_user":false`...)
	b = append(b, `,"updated":`...)
	b = strconv.AppendInt(b, p.Updated, 10)
	b = flag(b, "is_email_confirmed", p.EmailConfirmed)
	b = append(b, `,"who_can_share_contact_card":"EVERYONE"`...)
	b = appendRare(b, p, home)
	if locale {
		b = text(b, "locale", p.Locale)
	}
	return append(b, '}')
}

// appendRare writes the members that are only there when they say something.
func appendRare(b []byte, p Person, home string) []byte {
	if p.Stranger || p.TeamID != home {
		b = flag(b, "is_stranger", p.Stranger)
	}
	if p.Invited {
		b = flag(b, "is_invited_user", true)
	}
	if p.WorkflowBot {
		b = flag(b, "is_workflow_bot", true)
	}
	if p.ConnectorBot {
		b = flag(b, "is_connector_bot", true)
	}
	if p.EnterpriseID != "" {
		b = append(b, `,"enterprise_user":{"id":`...)
		b = appendQuote(b, p.ID)
		b = text(b, "enterprise_id", p.EnterpriseID)
		b = append(b, `,"enterprise_name":"Acme Holding","is_admin":false,"is_owner":false,"is_primary_owner":false,"teams":[`...)
		for i, team := range p.Teams {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendQuote(b, team)
		}
		b = append(b, `]}`...)
	}
	return b
}

func appendProfile(b []byte, p Person) []byte {
	b = append(b, `{"title":"","phone":"","skype":"","real_name":`...)
	b = appendQuote(b, p.RealName)
	b = text(b, "real_name_normalized", p.RealName)
	b = text(b, "display_name", p.Name)
	b = text(b, "display_name_normalized", p.Name)
	b = append(b, `,"fields":null,"status_text":"","status_emoji":"","status_emoji_display_info":[],"status_expiration":0`...)
	hash := quote(p.ID)
	hash = hash[1 : len(hash)-1]
	b = append(b, `,"avatar_hash":"g`...)
	b = append(b, hash...)
	b = append(b, '"')
	for _, size := range [...]string{"24", "32", "48", "72", "192", "512"} {
		b = append(b, `,"image_`...)
		b = append(b, size...)
		b = append(b, `":"https://secure.gravatar.com/avatar/g`...)
		b = append(b, hash...)
		b = append(b, `.jpg?s=`...)
		b = append(b, size...)
		b = append(b, `&d=https%3A%2F%2Fa.slack-edge.com%2Fdf10d%2Fimg%2Favatars%2Fava_0012-`...)
		b = append(b, size...)
		b = append(b, `.png"`...)
	}
	b = text(b, "first_name", p.RealName)
	b = append(b, `,"last_name":"","status_text_canonical":""`...)
	if p.Email != "" {
		b = text(b, "email", p.Email)
	}
	if p.Bot {
		b = append(b, `,"api_app_id":"A0STUDIO","bot_id":"B0STUDIO","always_active":true`...)
	}
	if p.Guest || p.SingleChannelGuest {
		b = append(b, `,"guest_invited_by":"U0ADMIN"`...)
	}
	b = text(b, "team", p.TeamID)
	return append(b, '}')
}

func field(b []byte, name, value string) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":`...)
	return append(b, value...)
}

func flag(b []byte, name string, v bool) []byte {
	return field(b, name, strconv.FormatBool(v))
}

// text is a member with a string.
func text(b []byte, name, value string) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":`...)
	return appendQuote(b, value)
}

func quote(s string) string { return string(appendQuote(nil, s)) }

// appendQuote writes a JSON string. The short way covers what names and IDs
// are made of.
func appendQuote(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			long, _ := json.Marshal(s) // a string always marshals
			return append(b, long...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
