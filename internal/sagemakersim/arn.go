package sagemakersim

import (
	"regexp"
	"strings"
)

// account is the account of all ARNs inside, from the documentation's examples.
// Whoever is of another sees that one in its place, see door.
const account = "111122223333"

// arnPattern is the API model's, for any resource that has tags.
const arnPattern = `arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:.+`

var arnRegexp = regexp.MustCompile(`^(?:` + arnPattern + `)$`)

func arn(region, rest string) string {
	partition := "aws"
	switch {
	case strings.HasPrefix(region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return "arn:" + partition + ":sagemaker:" + region + ":" + account + ":" + rest
}

func domainARN(region, id string) string { return arn(region, "domain/"+id) }

func profileARN(region, domainID, name string) string {
	return arn(region, "user-profile/"+domainID+"/"+name)
}

func spaceARN(region, domainID, name string) string {
	return arn(region, "space/"+domainID+"/"+strings.ToLower(name))
}

// appARN has the space in the place of the profile where the app is a space's.
func appARN(region, domainID string, a App) string {
	whose := a.Profile
	if whose == "" {
		whose = a.Space
	}
	return arn(region, "app/"+domainID+"/"+strings.ToLower(whose+"/"+a.Type+"/"+a.Name))
}

func notebookARN(region, name string) string {
	return arn(region, "notebook-instance/"+strings.ToLower(name))
}

func serverARN(region, name string) string {
	return arn(region, "mlflow-tracking-server/"+strings.ToLower(name))
}

// spelled is the name as the ARN of its profile has it.
func (s *Server) spelled(name string) string {
	if s.o.KeepCase {
		return name
	}
	return strings.ToLower(name)
}

// resource takes apart the ARN of a domain or a profile; the profile is empty
// for a domain.
func resource(arn string) (domainID, profile string, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return "", "", false
	}
	kind, rest, _ := strings.Cut(parts[5], "/")
	switch kind {
	case "domain":
		return rest, "", true
	case "user-profile":
		domainID, profile, ok = strings.Cut(rest, "/")
		return domainID, profile, ok && profile != ""
	}
	return "", "", false
}
