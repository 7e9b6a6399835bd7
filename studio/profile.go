package studio

import (
	"strings"
	"time"
)

// Profile is a Studio user profile as SageMaker lists it.
type Profile struct {
	Name string
	// Status is SageMaker's word: InService, Pending, Failed, Deleting, ….
	Status string
	// Modified is when SageMaker says that it was changed last. Whether a
	// changed tag counts as a change isn't documented.
	Modified time.Time
}

// InService is the Status of a profile that can be opened.
const InService = "InService"

// NewProfile is a user profile to be made for somebody.
type NewProfile struct {
	// Domain is the Name of a configured Domain.
	Domain string
	Name   string
	// Tags are put on it, at most 50.
	Tags map[string]string
}

// maxProfile is the length of a user profile's name by the SageMaker API.
const maxProfile = 63

// ValidProfile says whether SageMaker could have a user profile of that name.
// It is the API's [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62} with its limit of 63
// characters: letters, digits, and hyphens between them. The SDK sends anything.
func ValidProfile(s string) bool { return validName(s, maxProfile) }

func validName(s string, limit int) bool {
	if s == "" || len(s) > limit || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '-' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// Grantable says whether a source can give somebody the user profile of that
// name: one that SageMaker could have, and not the word that stands for none.
func Grantable(profile string) bool {
	return ValidProfile(profile) && !strings.EqualFold(profile, "deny")
}
