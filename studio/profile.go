package studio

import "time"

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
